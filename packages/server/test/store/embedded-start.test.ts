import { existsSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EmbeddedDatabase, startEmbedded } from "../../src/store/embedded/embedded.ts";
import { putDatabase, query, removeDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { gone, startProgram, stop, untilDefined } from "./embedded-rig.ts";

let dataDir: string;
const started: EmbeddedDatabase[] = [];

beforeEach(async () => {
  dataDir = await temporaryDataDir();
});

afterEach(async () => {
  for (const database of started.splice(0)) await database.stop();
  await removeDataDir(dataDir);
});

async function start(settings: Record<string, string> = {}): Promise<EmbeddedDatabase> {
  const database = await startEmbedded({ dataDir, log: () => {}, settings });
  started.push(database);
  return database;
}

async function stopAll(): Promise<void> {
  for (const database of started.splice(0)) expect(await database.stop()).toBe(true);
}

describe("the embedded database", () => {
  test("keeps what was written from one start to the next", async () => {
    const first = await start();
    expect(first.note).toBeNull();
    await query(first.connection, "CREATE TABLE kept AS SELECT 'Grüße' AS text");
    await stopAll();
    await gone(first.pid);
    const second = await start();
    expect(second.pid).not.toBe(first.pid);
    expect(second.connection).toEqual(first.connection);
    expect(await query(second.connection, "SELECT text FROM kept")).toEqual([{ text: "Grüße" }]);
  });

  test("is durable, checksummed, and reached through its socket alone", async () => {
    await putDatabase(dataDir);
    const { connection } = await start();
    const settings = await query<{ name: string; setting: string }>(
      connection,
      `SELECT name, setting FROM pg_settings WHERE name = ANY ('{fsync,synchronous_commit,full_page_writes,
        data_checksums,listen_addresses,jit,server_encoding,TimeZone}')`,
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: "on",
      synchronous_commit: "on",
      full_page_writes: "on",
      data_checksums: "on",
      listen_addresses: "",
      jit: "off",
      server_encoding: "UTF8",
      TimeZone: "UTC",
    });
  });

  test("takes the caller's settings over its own", async () => {
    await putDatabase(dataDir);
    const { connection } = await start({ max_connections: "17" });
    expect(await query(connection, "SHOW max_connections")).toEqual([{ max_connections: "17" }]);
  });

  test("writes no customer's text into its log", async () => {
    await putDatabase(dataDir);
    const { connection } = await start();
    await query(connection, "CREATE TABLE once (body text PRIMARY KEY)");
    await query(connection, "INSERT INTO once VALUES ('a secret text')");
    await expect(query(connection, "INSERT INTO once VALUES ('a secret text')")).rejects.toThrow("duplicate key");
    expect(await readFile(join(dataDir, "postgres", "postgres.log"), "utf8")).not.toContain("secret");
  });

  test("keeps its log short: what is older is kept once", async () => {
    await putDatabase(dataDir);
    const log = join(dataDir, "postgres", "postgres.log");
    await writeFile(log, "old\n".repeat(2 ** 20));
    await start();
    expect((await stat(log)).size).toBeLessThan(10_000);
    expect((await stat(`${log}.1`)).size).toBe(2 ** 22);
  });

  test("is refused to a second program, which learns who has it", async () => {
    await putDatabase(dataDir);
    const first = await startProgram(dataDir);
    const refused = startEmbedded({ dataDir, log: () => {} });
    await expect(refused).rejects.toThrow(`another program (process ${first.child.pid}) uses the database`);
    expect(await query(first.started.connection, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await stop(first);
  });

  test("is one database for programs that start at once on an empty folder: one has it, the others are told", async () => {
    const attempts = await Promise.allSettled([startProgram(dataDir), startProgram(dataDir), startProgram(dataDir)]);
    const winners = attempts.filter((attempt) => attempt.status === "fulfilled");
    expect(winners).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === "rejected") expect(String(attempt.reason)).toContain("another program");
    }
    await stop(winners[0]!.value);
  });

  test("does not touch the data of another major version", async () => {
    await putDatabase(dataDir);
    await writeFile(join(dataDir, "postgres", "data", "PG_VERSION"), "17\n");
    await expect(start()).rejects.toThrow(/is of PostgreSQL 17, this program's is 18.*DATABASE_URL/);
  });

  test("says what PostgreSQL says when it does not come up", async () => {
    await putDatabase(dataDir);
    await expect(start({ max_connections: "many" })).rejects.toThrow(/ended at its start.*max_connections/s);
  });

  test("makes the data directory anew when an earlier program was killed amid initdb", async () => {
    const postgres = join(dataDir, "postgres");
    const program = startProgram(dataDir);
    program.catch(() => {});
    const unfinished = await untilDefined(async () => (await readdir(postgres)).find((name) => /^initdb-/.test(name)));
    process.kill(Number(unfinished.slice("initdb-".length)), "SIGKILL");
    await expect(program).rejects.toThrow("the program ended (SIGKILL)");
    expect(existsSync(join(postgres, "data"))).toBe(false);
    const { connection } = await start();
    expect(await query(connection, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect((await readdir(postgres)).filter((name) => name.startsWith("initdb"))).toEqual([]);
  });
});
