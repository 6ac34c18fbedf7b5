import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Finding } from "../../src/cli/doctor/finding.ts";
import { command } from "../support/command.ts";
import { newKey, startProgram } from "../support/program.ts";

const operatorKey = newKey();
const down = { id: "down", type: "smpp", host: "127.0.0.1", port: 1, systemId: "me" };
const program = await startProgram({
  config: { operatorKey, carriers: [{ id: "simulator", type: "simulator" }, down] },
});
afterAll(program.stop);
const { folder, database } = program;

/** A configuration beside the program's, for its owner alone. */
function configured(name: string, config: Record<string, unknown>): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ network: "loopback", dataDir: join(folder, name), ...config }), { mode: 0o600 });
  return file;
}

async function doctor(file: string, url?: string): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, stdout } = await command(
    ["doctor", "--json", "--config", file],
    url === undefined ? {} : { DATABASE_URL: url },
  );
  return { code, findings: (JSON.parse(stdout) as { findings: Finding[] }).findings };
}

const faults = (findings: Finding[]) => findings.filter(({ level }) => level === "fault");

test("of a program that runs it tells the state of each carrier, and of the store", async () => {
  const { code, findings } = await doctor(
    join(folder, "config.json"),
    `${database.url}&options=-csynchronous_commit=off`,
  );
  const seen = findings.filter(({ about }) => !["node", "files"].includes(about));
  expect(seen).toEqual([
    { level: "ok", about: "configuration", message: "valid, with 2 carriers and 0 routes" },
    { level: "ok", about: "program", message: `process ${program.child.pid} at ${program.url} is ready` },
    { level: "ok", about: "carriers", message: "simulator is up (1 of 1 binds)" },
    {
      level: "fault",
      about: "carriers",
      message: expect.stringMatching(
        /^down is down since \S+, with 0 of 1 binds: .*nothing listens.*; next try at \S+$/,
      ),
    },
    { level: "ok", about: "database", message: expect.stringMatching(/^PostgreSQL \d+/) },
    // The tests' own server flushes nothing, and writes no whole pages.
    { level: "fault", about: "database", message: expect.stringMatching(/^fsync is off: .* set it to on$/) },
    { level: "fault", about: "database", message: expect.stringMatching(/^full_page_writes is off: .* set it to on$/) },
    { level: "fault", about: "database", message: expect.stringMatching(/^synchronous_commit is off: /) },
  ]);
  expect(code).toBe(1);
});

test("of one that does not run it tells what would keep it from starting", async () => {
  const port = Number(new URL(program.url).port);
  const file = configured("not-running", { server: { port }, accountKey: newKey() });
  chmodSync(file, 0o644);
  const { code, findings } = await doctor(file, "postgres://nobody@127.0.0.1:1/none");
  expect(code).toBe(1);
  expect(faults(findings)).toEqual([
    {
      level: "fault",
      about: "port",
      message: expect.stringContaining(`127.0.0.1:${port}: another program listens there`),
    },
    { level: "fault", about: "database", message: expect.stringContaining("nothing listens at 127.0.0.1:1") },
  ]);
  expect(findings).toContainEqual({
    level: "warning",
    about: "files",
    message: expect.stringMatching(/^others on this machine may read .*not-running\.json .*: chmod 600 /),
  });
});

test("a store without tables yet is no fault, one with too few connections is, and what is tried there is undone", async () => {
  await database.pool.query("CREATE SCHEMA empty");
  const file = configured("empty", { server: { port: 0, workers: 256 }, database: { schema: "empty" } });
  const { findings } = await doctor(file, database.url);
  expect(faults(findings).at(-1)?.message).toMatch(/leaves \d+ connections, and a program needs up to 2572: raise it/);
  expect(findings).toContainEqual({
    level: "note",
    about: "database",
    message: expect.stringMatching(
      /^its schema is at version 0 of \d+: the next start, or mplus migrate, brings it up/,
    ),
  });
  const { rowCount } = await database.pool.query("SELECT FROM pg_tables WHERE schemaname = 'empty'");
  expect(rowCount).toBe(0);
});

test("before the first start there is nothing at fault, and nothing is made", async () => {
  const file = configured("first", { server: { port: 0 } });
  const { code, stdout } = await command(["doctor", "--config", file]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/there is none yet.*\n\nno fault was found\n$/s),
  });
});

test("keys that no longer work are told", async () => {
  const dataDir = join(folder, "keys");
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, "keys.json"), JSON.stringify({ accountKey: newKey() }), { mode: 0o600 });
  const file = configured("keys", { server: { port: 0 } });
  expect((await doctor(file, database.url)).findings).toContainEqual({
    level: "warning",
    about: "keys",
    message: expect.stringContaining("keys.json no longer works: it was replaced or revoked"),
  });
});

test("every fault of the configuration is told, and a wrong use of the command is neither fault nor health", async () => {
  const file = configured("wrong", { server: { port: -1 }, network: "lan" });
  const { code, findings } = await doctor(file);
  expect({ code, messages: faults(findings).map(({ message }) => message) }).toEqual({
    code: 1,
    messages: [expect.stringMatching(/^server\.port: /), expect.stringMatching(/^network: /)],
  });
  expect((await command(["doctor", "--nonsense"])).code).toBe(2);
});
