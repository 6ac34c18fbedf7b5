import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { WAITING_REASONS } from "../../src/message/waiting.ts";
import { endWithFile } from "../support/children.ts";
import { command } from "../support/command.ts";
import { MPLUS } from "../support/mplus.ts";
import { startProgram } from "../support/program.ts";

const program = await startProgram({
  config: { carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0 }] },
});
const { url, child, folder, api } = program;
const file = join(folder, "running.json");
const env = {
  MPLUS_KEY: api.key,
  MPLUS_ORGANIZATION_KEY: program.organizationKey,
  MPLUS_SERVER_PORT: new URL(url).port,
};
afterAll(async () => {
  let during = true;
  child.once("exit", () => {
    during = existsSync(file);
  });
  await program.stop();
  // The file that says where it runs goes before the program ends.
  expect(during).toBe(false);
});

describe("a command finds its program", () => {
  const ANSWERED = { code: 0, stderr: "" };
  const batch = ["batch", "Hello", "+447700900123", "--from", "MyShop"];

  test("that runs, whatever port it was given", async () => {
    const written = readFileSync(file, "utf8");
    expect(JSON.parse(written)).toEqual({
      url,
      pid: child.pid,
      started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      tls: null,
    });
    expect(statSync(file).mode & 0o777).toBe(0o644);
    for (const key of [program.organizationKey, api.key]) expect(written).not.toContain(key);

    // Its configuration says port 0.
    expect(await command([...batch, "--config", join(folder, "config.json")])).toMatchObject(ANSWERED);
    expect(await command([...batch, "--data-dir", folder, "--key", api.key])).toMatchObject(ANSWERED);
  });

  test("where it is configured, if what is written is of one that is gone", async () => {
    const config = join(folder, "other.json");
    const { hostname, port } = new URL(url);
    const dataDir = join(folder, "pg-none");
    mkdirSync(dataDir);
    // No process has this number (the most that Linux gives is 2^22).
    const gone = { url: "http://127.0.0.1:9", pid: 2 ** 30, started_at: "2026-01-01T00:00:00.000Z", tls: null };
    writeFileSync(join(dataDir, "running.json"), JSON.stringify(gone));
    const server = { host: hostname, port: Number(port) };
    writeFileSync(config, JSON.stringify({ server, dataDir, accountKey: api.key }), { mode: 0o600 });
    expect(await command([...batch, "--config", config])).toMatchObject(ANSWERED);
    writeFileSync(join(dataDir, "running.json"), "no JSON");
    expect(await command([...batch, "--config", config])).toMatchObject(ANSWERED);
  });
});

test("a start says what it does, step by step", () => {
  const lines = program.output().stderr.split("\n").slice(0, -1);
  const steps = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg.startsWith("started: "));
  expect(steps).toMatchObject([
    { msg: "started: the store", database: "as configured" },
    { msg: "started: the engine, which binds to its carriers", carriers: ["simulator"] },
    { msg: "started: the processes that accept", port: Number(new URL(url).port) },
  ]);
});

/** As if input and errors were of a terminal: what is seen of one by a command. */
const TERMINAL = "process.stdin.isTTY = true; process.stderr.isTTY = true;";

/** Runs a command at a terminal, where this is typed. */
async function atTerminal(typed: string, ...args: string[]) {
  const child = spawn(process.execPath, [MPLUS, ...args], {
    cwd: "/",
    env: {
      PATH: process.env.PATH,
      ...env,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(TERMINAL)}`,
    },
  });
  endWithFile(child);
  child.stdin.end(typed);
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (said.stdout += text));
  child.stderr.on("data", (text) => (said.stderr += text));
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, ...said };
}

describe("what cannot be undone", () => {
  const sender = async (value: string) =>
    (
      await program.api
        .as(program.organizationKey)
        .request<{ identifier: string }>("POST", "/sender", { body: { value } })
    ).body.identifier;
  const remove = ["sender", "remove"];

  test("is asked for at a terminal, and done after a yes alone", async () => {
    const identifier = await sender("Asked");
    const refused = await atTerminal("\n", ...remove, identifier);
    expect(refused).toEqual({
      code: 1,
      stdout: "",
      stderr: `The sender ID ${identifier} is free for others. This cannot be undone. Go on? (y/N) mplus: nothing was done\n`,
    });
    // The input ends without an answer.
    expect(await atTerminal("", ...remove, identifier)).toMatchObject({ code: 1, stdout: "" });
    expect(await atTerminal("yes\n", ...remove, identifier)).toMatchObject({
      code: 0,
      stdout: `removed ${identifier}\n`,
    });
  });

  test("is refused where nobody can be asked, unless --yes says it", async () => {
    const identifier = await sender("Unasked");
    expect(await command([...remove, identifier], env)).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("nobody is at a terminal to be asked: --yes does it"),
    });
    expect((await command([...remove, identifier, "--yes"], env)).code).toBe(0);
  });
});

test("what takes over two seconds says at a terminal how far it is, and takes the words away", async () => {
  const args = ["send", "+447700900901", "Hello", "--from", "Shop", "--wait", "3"];
  const { code, stdout, stderr } = await atTerminal("", ...args);
  expect({ code, lines: stdout.split("\n").length }).toEqual({ code: 5, lines: 3 });
  const lines = stderr.split("\r\x1b[K");
  expect(lines.at(-1)).toBe("mplus: it is not final after 3 s: it waits (receipt)\n");
  // On a busy machine a message waits for its turn before it waits for its receipt.
  const progress = new RegExp(`^waits \\((?:${WAITING_REASONS.join("|")})\\), \\d s$`);
  for (const line of lines.slice(1, -1)) expect(line).toMatch(progress);
  expect(lines.length).toBeGreaterThan(2);
  expect((await command(args, env)).stderr).toBe("mplus: it is not final after 3 s: it waits (receipt)\n");
});
