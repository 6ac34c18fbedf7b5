import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { command } from "../support/command.ts";
import { testDatabase } from "../support/database.ts";
import { MPLUS, mplus } from "../support/mplus.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const database = await testDatabase();
afterAll(database.close);
afterEach(() => void vi.restoreAllMocks());
const env = { DATABASE_URL: database.url, MPLUS_NETWORK: "loopback", MPLUS_SERVER_PORT: "0" };

test("mplus --version is the package's, and a process that fails says why and ends with its exit code", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(await mplus(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  const missing = "mplus: no account key: give --key, or set MPLUS_KEY\n";
  expect(await mplus(["status", "x"], env)).toEqual({ code: 2, stdout: "", stderr: missing });
});

test("mplus migrate says what it applied, as JSON too", async () => {
  expect((await command(["migrate"], env)).stdout).toBe("nothing to do\n");
  const { code, stdout } = await command(["migrate", "--json"], env);
  expect({ code, said: JSON.parse(stdout) }).toEqual({ code: 0, said: { applied: [], waiting: [] } });
});

test("mplus migrate --finish asks where there is something to do, and only there", async () => {
  expect(await command(["migrate", "--finish"], env)).toEqual({ code: 0, stdout: "nothing to do\n", stderr: "" });
  const behind = await testDatabase();
  onTestFinished(behind.close);
  await behind.pool.query("DELETE FROM schema_migration WHERE version = (SELECT max(version) FROM schema_migration)");
  const { code, stderr } = await command(["migrate", "--finish"], { ...env, DATABASE_URL: behind.url });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("--yes does it") });
});

test.each([
  [1, "a configuration with faults", ["migrate"], { MPLUS_NETWORK: "lan" }, "network: must be one of"],
  [1, "a file that is not there", ["batch", "x", "@/nowhere", "--from", "Shop"], {}, "ENOENT"],
  [2, "a key that is not known", ["status", "x"], {}, "no account key: give --key, or set MPLUS_KEY"],
  [2, "a batch that can be none", ["status", "..", "--key", "x"], {}, '".." is not an identifier'],
  // Port 9 is one that no client may ask.
  [
    5,
    "a program that is not there",
    ["status", "x", "--url", "http://127.0.0.1:9", "--key", "x"],
    {},
    "does not answer",
  ],
])("with exit code %i %s is a sentence, without a stack", async (exit, _name, args, more, reason) => {
  const { code, stderr } = await command(args, { ...env, ...more });
  expect({ code, stderr }).toEqual({ code: exit, stderr: expect.stringMatching(/^mplus: /) });
  expect(stderr).toContain(reason);
  expect(stderr).not.toMatch(/^ {4}at /m);
  const json = await command([...args, "--json"], { ...env, ...more });
  const said = { error: { exit, message: expect.stringContaining(reason) } };
  expect({ code: json.code, said: JSON.parse(json.stderr) }).toEqual({ code: exit, said });
});

test.each([
  ["an option that there is not", ["find", "--nope"], "unknown option '--nope'"],
  ["a command that there is not", ["nope"], "unknown command 'nope'"],
  ["too little", ["show"], "missing required argument 'uuid'"],
  ["a value that is none", ["find", "--limit", "x"], "argument 'x' is invalid"],
])("%s is wrong use, exit code 2", async (_name, args, reason) => {
  const { code, stderr } = await command(args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(reason) });
  expect(stderr.split("\n").length).toBeLessThan(5);
  const json = await command([...args, "--json"]);
  const said = { error: { exit: 2, message: expect.stringContaining(reason) } };
  expect({ code: json.code, said: JSON.parse(json.stderr) }).toEqual({ code: 2, said });
});

describe("a server that answers something else", () => {
  const answers: Record<string, [status: number, body: string]> = {
    lines: [200, JSON.stringify({ accounts: [{ identifier: "1", name: "A\n2  B\u001b[2J", credits: 0 }] })],
    problem: [400, JSON.stringify({ type: "t", status: 400, detail: "no\nmplus: yes", errors: [] })],
    other: [200, '{"accounts": 5}'],
  };
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url?.split("/")[1] ?? ""] ?? [404, ""];
    response.writeHead(status).end(body);
  });
  beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
  afterAll(() => server.close());
  const list = (path: string) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`;
    return command(["account", "list", "--url", url, "--key", "x"]);
  };

  test("writes no line of its own, and nothing that a terminal obeys", async () => {
    const { stdout } = await list("lines");
    expect({ lines: stdout.match(/\n/g)?.length, stdout }).toEqual({
      lines: 1,
      stdout: expect.stringContaining("A\\n2  B\\u001b[2J\n"),
    });
    expect(await list("problem")).toEqual({ code: 3, stdout: "", stderr: "mplus: 400: no\n  mplus: yes\n" });
  });

  test("is told of in a sentence", async () => {
    const { code, stderr } = await list("other");
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringMatching(/^mplus: the answer has another form.*\n$/),
    });
  });
});

test("whoever has read enough ends a command quietly", () => {
  const run = (command: string) => spawnSync("bash", ["-c", `set -o pipefail; ${command}`], { encoding: "utf8" });
  const { status, stderr } = run(`${process.execPath} ${MPLUS} completion fish | head -1 > /dev/null`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test.skipIf(spawnSync("fish", ["--version"]).status !== 0)(
  "fish completes what belongs to a command, and no files",
  () => {
    const script = `${process.execPath} ${MPLUS} completion fish | source
    for line in "mplus whoa" "mplus account smpp ro" "mplus account keys " "mplus send --wa"
      complete -C "$line" | string split -f 1 \\t | string join " "
    end`;
    const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8" });
    expect({ lines: stdout.split("\n"), stderr }).toEqual({
      lines: ["whoami", "rotate-password", "create list revoke", "--wait", ""],
      stderr: "",
    });
  },
);

test("a shell completes commands and options", () => {
  const script = `source <(${process.execPath} ${MPLUS} completion bash)
    ask() { COMP_WORDS=(mplus "$@"); COMP_CWORD=$#; _mplus; echo "\${COMPREPLY[@]}"; }
    ask fi; ask account smpp ro; ask find --carr; ask find x --carr; ask nope ""`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  expect({ lines: stdout.split("\n").slice(0, 4), stderr }).toEqual({
    lines: ["find", "rotate-password", "--carrier", "--carrier"],
    stderr: "",
  });
});

const OLD =
  "Messaging Plus needs Node.js 20.19 or later, and this is 20.18.3: install a newer one (https://nodejs.org), then run npm ci again.";

test.each(["packages/server/bin/mplus.js", "scripts/start.mjs", "scripts/build.mjs", "scripts/test.mjs"])(
  "%s tells an old Node.js in one sentence what it needs",
  (script) => {
    const preload = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.18.3" } })`;
    const args = ["--import", `data:text/javascript,${encodeURIComponent(preload)}`, join(ROOT, script), "--version"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: "", stderr: `${OLD}\n` });
  },
);

test.each([
  ["18.20.8", [[OLD.replace("20.18.3", "18.20.8")]]],
  ["20.18.3", [[OLD]]],
  ["20.19.0", []],
  ["22.0.0", []],
  ["100.1.0", []],
])("of Node.js %s is said whether it is too old", async (version, said) => {
  vi.spyOn(process, "versions", "get").mockReturnValue({ ...process.versions, node: version });
  const error = vi.spyOn(console, "error").mockReturnValue();
  const exit = vi.spyOn(process, "exit").mockReturnValue(undefined as never);
  await import(`${join(ROOT, "packages/server/bin/node-version.js")}?${version}`);
  expect({ said: error.mock.calls, exits: exit.mock.calls }).toEqual({ said, exits: said.map(() => [1]) });
});
