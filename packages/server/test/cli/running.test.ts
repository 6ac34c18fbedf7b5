import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { mplus } from "../support/mplus.ts";
import { startProgram } from "../support/program.ts";

const ANSWERED = { code: 0, stderr: "" };

test("a command finds the program that runs, whatever port it was given", async () => {
  const program = await startProgram();
  onTestFinished(program.kill);
  const file = join(program.folder, "running.json");
  const { url, child, folder } = program;
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
    url,
    pid: child.pid,
    started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    tls: null,
  });
  expect(statSync(file).mode & 0o777).toBe(0o644);
  for (const key of [program.organizationKey, program.api.key]) expect(readFileSync(file, "utf8")).not.toContain(key);

  // Its configuration says port 0.
  const args = ["batch", "Hello", "+447700900123", "--from", "MyShop", "--config", join(folder, "config.json")];
  expect(await mplus(args)).toMatchObject(ANSWERED);

  const { key } = program.api;
  const away = ["batch", "Hello", "+447700900123", "--from", "MyShop", "--data-dir", folder, "--key", key];
  expect(await mplus(away)).toMatchObject(ANSWERED);

  // What it wrote before it was killed leads nowhere: the process is gone.
  const stale = readFileSync(file, "utf8");
  let during = true;
  child.once("exit", () => {
    during = existsSync(file);
  });
  await program.stop();
  expect(during).toBe(false);
  expect(stale).toContain(String(child.pid));
});

test("what a program that is gone has left is passed over", async () => {
  const program = await startProgram();
  onTestFinished(program.stop);
  const { url, folder } = program;
  const config = join(folder, "other.json");
  const { hostname, port } = new URL(url);
  const dataDir = join(folder, "pg-none");
  mkdirSync(dataDir);
  // No process has this number (the most that Linux gives is 2^22).
  const gone = { url: "http://127.0.0.1:9", pid: 2 ** 30, started_at: "2026-01-01T00:00:00.000Z", tls: null };
  writeFileSync(join(dataDir, "running.json"), JSON.stringify(gone));
  const server = { host: hostname, port: Number(port) };
  writeFileSync(config, JSON.stringify({ server, dataDir, accountKey: program.api.key }), { mode: 0o600 });
  const args = ["batch", "Hello", "+447700900123", "--from", "MyShop", "--config", config];
  expect(await mplus(args)).toMatchObject(ANSWERED);
  writeFileSync(join(dataDir, "running.json"), "no JSON");
  expect(await mplus(args)).toMatchObject(ANSWERED);
});

test("a start says what it does, step by step", async () => {
  const program = await startProgram();
  onTestFinished(program.stop);
  const lines = program.output().stderr.split("\n").slice(0, -1);
  const steps = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg.startsWith("started: "));
  expect(steps).toMatchObject([
    { msg: "started: the store", database: "as configured" },
    { msg: "started: the engine, which binds to its carriers", carriers: ["simulator"] },
    { msg: "started: the processes that accept", port: Number(new URL(program.url).port) },
  ]);
});
