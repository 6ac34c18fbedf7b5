import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Api } from "../support/api.ts";
import { command } from "../support/command.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { begin, type Running } from "../support/mplus.ts";
import { addAccount, newKey } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const folder = mkdtempSync(join(tmpdir(), "mplus-backup-"));
const file = join(folder, "store.gz");
const hooks = await receiver();
const keys = { MPLUS_ORGANIZATION_KEY: newKey(), MPLUS_ACCOUNT_KEY: newKey() };
const env = { ...keys, MPLUS_NETWORK: "loopback", MPLUS_SERVER_PORT: "0", MPLUS_LOG_LEVEL: "warn" };
const dataDir = (name: string) => ({
  ...env,
  MPLUS_DATA_DIR: join(folder, name),
  MPLUS_CONFIG: `${folder}/${name}.json`,
});
// What the first waits for comes after the test.
for (const [name, receiptDelay] of [
  ["first", 3_600],
  ["second", 0],
] as const) {
  const carriers = [{ id: "simulator", type: "simulator", receiptDelay }];
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ carriers }));
}
const running: Running[] = [];
afterAll(async () => {
  // In order, because a database of our own outlives a program that is killed.
  for (const { child } of running) child.kill("SIGTERM");
  await Promise.all(running.map(({ child }) => once(child, "close")));
  await hooks.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As long as support/program.ts gives one, and for its own database. */
const START_MS = 240_000;

async function serve(name: string): Promise<Api> {
  const program = begin(["serve", "--json"], dataDir(name));
  running.push(program);
  const look = () => /.*\n/.exec(program.output().stdout)?.[0];
  const line = await until("it to listen", look, program.output, START_MS);
  return new Api(JSON.parse(line).url, keys.MPLUS_ACCOUNT_KEY);
}

let api: Api;
beforeAll(async () => {
  api = await serve("first");
}, START_MS);

const from = "Shop";
const at = new Date(Date.now() + 86_400_000).toISOString();

/** A restore that Ctrl-C stops once it has the begin of the file, and waits for the rest. */
async function stopRestore(target: Record<string, string>): Promise<void> {
  const pipe = join(folder, "pipe.gz");
  execFileSync("mkfifo", [pipe]);
  const running = begin(["restore", pipe], { ...target, MPLUS_LOG_LEVEL: "info" });
  const writer = await open(pipe, "w");
  await writer.write(readFileSync(file).subarray(0, 600));
  await until("its database", () => running.output().stderr.includes("made the schema"));
  running.child.kill("SIGINT");
  await until("it to say so", () => /^mplus: stopped by SIGINT: nothing is done$/m.test(running.output().stderr));
  // Node.js does not end while it reads from a pipe that says nothing.
  await writer.close();
  await until("it to end", () => running.child.exitCode !== null);
  expect(running.child.exitCode).toBe(1);
  await running.stop();
}

test("what is backed up beside a running program goes on in another place, also after a restore that was stopped", async () => {
  const held = await api.sendBatch({ from, message: "later", destinations: ["447700900123"], send_at: at });
  const done = await api.sendBatch({ from, message: "now", destinations: ["447700900902", "447700900906"] });
  const finals = async (one: Api) => (await one.status(done)).details.map(({ info }) => info?.code);
  await until("both to be final", async () => !(await finals(api)).includes(undefined));
  const one = { from, message: "open", destinations: ["447700900123"] };
  const open = await api.sendBatch({ ...one, callback: hooks.url("/open") });

  const backup = await command(["backup", file, "--json"], dataDir("first"));
  expect({ code: backup.code, stderr: backup.stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(backup.stdout)).toMatchObject({ file, bytes: statSync(file).size, rows: { batch: 3 } });
  expect(statSync(file).mode & 0o777).toBe(0o600);

  const busy = await command(["restore", file], dataDir("first"));
  expect({ code: busy.code, stderr: busy.stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining("another program"),
  });

  await stopRestore(dataDir("second"));
  const restored = await command(["restore", file, "--json"], dataDir("second"));
  expect({ code: restored.code, stderr: restored.stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(restored.stdout).rows).toEqual(JSON.parse(backup.stdout).rows);

  const second = await serve("second");
  expect(await second.status(done)).toEqual(await api.status(done));
  const pending = await second.request<{ batches: { identifier: string }[] }>("GET", "/batch");
  expect(pending.body.batches.map(({ identifier }) => identifier)).toEqual([held]);
  await hooks.waitFor("/open", 1);
  expect(
    (await Promise.all([api, second].map((each) => each.status(open)))).map(({ counts }) => counts.delivered),
  ).toEqual([0, 1]);
});

test("a database of one's own is backed up and restored likewise, but not over what is there", async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
  try {
    await addAccount(one.pool);
    await one.pool.query(
      `INSERT INTO message (id, account_id, destination, parts, expires_at, leased_by, sender, body, state)
       VALUES ('01000000-0000-7000-8000-000000000001', 1, 447700900123, 1, now(), 0, 'Shop', 'x', 0)`,
    );
    const backup = await command(["backup", file], { DATABASE_URL: one.url });
    expect({ code: backup.code, stdout: backup.stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^message +1$/m),
    });
    const restored = await command(["restore", file], { DATABASE_URL: other.url });
    expect({ code: restored.code, stdout: restored.stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^message +1$/m),
    });
    const again = await command(["restore", file], { DATABASE_URL: other.url });
    expect({ code: again.code, stderr: again.stderr }).toEqual({
      code: 1,
      stderr: "mplus: the store is not empty: nothing is restored over it\n",
    });
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
});

test("where there is no store, none is backed up, and none is made", async () => {
  const refused = await command(["backup", file], { ...dataDir("third"), MPLUS_CONFIG: join(folder, "first.json") });
  expect({ code: refused.code, stderr: refused.stderr }).toEqual({
    code: 1,
    stderr: `mplus: there is no store at ${folder}/third\n`,
  });
  expect(existsSync(join(folder, "third"))).toBe(false);
});

test("a file that is none is refused in a sentence", async () => {
  const other = join(folder, "other");
  writeFileSync(other, "not gzip");
  const database = await testDatabase();
  const env = { DATABASE_URL: database.url };
  const refused = await command(["restore", other], env);
  expect({ code: refused.code, stderr: refused.stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^mplus: \S+ is no backup/),
  });
  const missing = await command(["restore", `${other}.gz`], env);
  expect({ code: missing.code, stderr: missing.stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^mplus: ENOENT/),
  });
  await database.close();
});

describe("a backup takes no place but a file's own:", () => {
  const at = (name: string) => join(folder, name);
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());
  const run = async (to: string) => {
    const ended = await command(["backup", to], { DATABASE_URL: database.url });
    return [ended.code, ended.stderr];
  };

  test("a link there is neither followed nor replaced", async () => {
    writeFileSync(at("others"), "theirs");
    symlinkSync(at("others"), at("link.gz"));
    symlinkSync(at("nowhere"), at("dangling.gz"));
    for (const link of [at("link.gz"), at("dangling.gz")]) {
      const reason = `mplus: ${link} is a symbolic link: name the file that it leads to\n`;
      expect(await run(link)).toEqual([1, reason]);
      expect(lstatSync(link).isSymbolicLink()).toBe(true);
    }
    expect(readFileSync(at("others"), "utf8")).toBe("theirs");
    expect(existsSync(at("nowhere"))).toBe(false);
  });

  test("nor is a link followed that lies where it is written first", async () => {
    symlinkSync(at("others"), at("planted.gz.new"));
    expect(await run(at("planted.gz"))).toEqual([0, ""]);
    expect(readFileSync(at("others"), "utf8")).toBe("theirs");
  });

  test("a folder is not replaced", async () => {
    mkdirSync(at("folder.gz"));
    expect(await run(at("folder.gz"))).toEqual([1, `mplus: ${at("folder.gz")} is there, and is no file\n`]);
  });

  test("a backup before it is, and others who could read that one cannot read this", async () => {
    writeFileSync(at("again.gz"), "the one before", { mode: 0o644 });
    expect(await run(at("again.gz"))).toEqual([0, ""]);
    expect(statSync(at("again.gz")).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.startsWith("again"))).toEqual(["again.gz"]);
  });
});

test("stopped by Ctrl-C, a backup leaves no file with texts behind, and says so", async () => {
  const database = await testDatabase();
  const holder = await database.pool.connect();
  await holder.query("BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE");
  const running = begin(["backup", join(folder, "stopped.gz")], { DATABASE_URL: database.url });
  const written = () => readdirSync(folder).filter((name) => name.startsWith("stopped"));
  await until("it to wait for the table", async () => {
    // Of its own, not the holder's: a transaction sees what others do as it first was.
    const { rows } = await database.pool.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'mplus backup'",
    );
    return rows.length > 0 && written().length === 1;
  });
  running.child.kill("SIGINT");
  await until("it to end", () => running.child.exitCode !== null);
  expect({ exitCode: running.child.exitCode, stderr: running.output().stderr }).toEqual({
    exitCode: 1,
    stderr: "mplus: stopped by SIGINT: nothing is done\n",
  });
  expect(written()).toEqual([]);
  await holder.query("ROLLBACK");
  holder.release();
  await running.stop();
  await database.close();
});
