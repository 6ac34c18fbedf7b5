import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { batchOf, messageId, newBatchId } from "../../src/message/id.ts";
import { eventsOf } from "../../src/message/story.ts";
import { claimBundles, messagesOfBundle } from "../../src/store/messages/bundles.ts";
import { MIGRATIONS, migrate } from "../../src/store/upkeep/migrate.ts";
import { ensurePartitions } from "../../src/store/upkeep/partitions.ts";
import { BEFORE_ALL, claimWebhooks } from "../../src/store/webhooks/claim-webhooks.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mplus-migrations-"));
  await database.pool.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
});

afterEach(() => rm(folder, { recursive: true }));

const write = (file: string, sql: string) => writeFile(join(folder, file), sql);
/** With all that would break a program of the version before. */
const run = async () => (await migrate(database.config, folder, () => {}, { finish: true })).applied;
/** As a start does it. */
const start = () => migrate(database.config, folder, () => {});

async function versions(): Promise<number[]> {
  const { rows } = await database.pool.query("SELECT version FROM schema_migration ORDER BY version");
  return rows.map(({ version }) => version);
}

describe("migrate", () => {
  test("applies each file once, in order", async () => {
    await write("0001_first.sql", "CREATE TABLE first (id int); INSERT INTO first VALUES (1)");
    expect(await run()).toEqual([1]);
    await write("0002_second.sql", "ALTER TABLE first ADD COLUMN name text; -- and a comment at the end");
    const said: string[] = [];
    const log = (_level: string, message: string) => said.push(message);
    expect((await migrate(database.config, folder, log, { finish: true })).applied).toEqual([2]);
    expect(said).toEqual(["applied migration 2 (second)"]);
    expect(await run()).toEqual([]);
    expect((await database.pool.query("SELECT * FROM first")).rows).toEqual([{ id: 1, name: null }]);
  });

  test("by several programs at once applies each file once", async () => {
    await write("0001_first.sql", "CREATE TABLE first (id int)");
    await write("0002_second.sql", "CREATE TABLE second (id int)");
    const applied = await Promise.all([run(), run(), run(), run()]);
    expect(applied.flat()).toEqual([1, 2]);
    expect(await versions()).toEqual([1, 2]);
  });

  test("leaves no trace of a file that fails, and keeps those before it", async () => {
    await write("0001_first.sql", "CREATE TABLE first (id int)");
    await write("0002_second.sql", "CREATE TABLE second (id int); SELECT 1/0");
    await expect(run()).rejects.toThrow("migration 2 (second) failed: division by zero");
    expect(await versions()).toEqual([1]);
    await expect(database.pool.query("SELECT FROM second")).rejects.toThrow("does not exist");
    await write("0002_second.sql", "CREATE TABLE second (id int)");
    expect(await run()).toEqual([2]);
  });

  test("does its work whatever settings the database carries", async () => {
    const { rows } = await database.pool.query<{ name: string }>("SELECT current_database() AS name");
    const { name } = rows[0]!;
    await database.pool.query(
      `ALTER DATABASE ${name} SET default_transaction_read_only = on; ALTER DATABASE ${name} SET statement_timeout = 1000`,
    );
    await write("0001_first.sql", "CREATE TABLE first (id int); SELECT pg_sleep(1.5)");
    try {
      expect(await run()).toEqual([1]);
    } finally {
      await database.pool.query(`ALTER DATABASE ${name} RESET ALL`);
    }
  });

  test("refuses a schema that is newer than the program", async () => {
    await write("0001_first.sql", "SELECT");
    await write("0002_second.sql", "SELECT");
    await run();
    await rm(join(folder, "0002_second.sql"));
    await expect(run()).rejects.toThrow("schema is at version 2, newer than this program's 1: run a newer program");
  });

  test("waits for nobody who is dead, and changes nothing while a program of the version before lives", async () => {
    await write(
      "0001_first.sql",
      "CREATE TABLE node (id int PRIMARY KEY, host text, pid int, heartbeat_at timestamptz DEFAULT now())",
    );
    await run();
    await database.pool.query("INSERT INTO node VALUES (1, 'dead', 11), (2, 'alive', 22)");
    await write("0002_second.sql", "CREATE TABLE second (id int)");
    const beating = setInterval(
      () => void database.pool.query("UPDATE node SET heartbeat_at = now() WHERE id = 2"),
      100,
    );
    const refusal = await run().catch((error: Error) => error);
    clearInterval(beating);
    expect(refusal).toMatchObject({
      name: "MigrationError",
      message: expect.stringContaining("still runs on this database (process 22 on alive)"),
    });
    expect(await versions()).toEqual([1]);
    expect(await run()).toEqual([2]);
  });

  describe("beside a program of the version before", () => {
    const beat = (known: number) =>
      database.pool.query("INSERT INTO node VALUES (1, 'elsewhere', 11, now() + interval '1 hour', $1)", [known]);

    beforeEach(async () => {
      const columns = "id int, host text, pid int, heartbeat_at timestamptz, schema_version int";
      await write("0001_first.sql", `CREATE TABLE node (${columns})`);
      await run();
    });

    /** The nodes whose hearts beat: the look for life compares two. */
    async function beating<Result>(work: () => Promise<Result>): Promise<Result> {
      const timer = setInterval(
        () => void database.pool.query("UPDATE node SET heartbeat_at = heartbeat_at + interval '1 second'"),
        50,
      );
      return work().finally(() => clearInterval(timer));
    }

    test("a start does what leaves it running, and leaves the rest until it is asked for", async () => {
      await beat(1);
      await write("0002_second.expand.sql", "CREATE TABLE second (id int)");
      await write("0003_third.sql", "DROP TABLE second");
      expect(await beating(start)).toEqual({ applied: [2], waiting: [3] });
      expect(await beating(start)).toEqual({ applied: [], waiting: [3] });
      await expect(beating(run)).rejects.toThrow("(process 11 on elsewhere): migration 3 waits for its end");
      expect(await versions()).toEqual([1, 2]);
      await database.pool.query("UPDATE node SET schema_version = 3");
      expect(await beating(run)).toEqual([3]);
    });

    test("it starts again until that is done, and not afterwards", async () => {
      await write("0002_second.expand.sql", "CREATE TABLE second (id int)");
      await write("0003_third.sql", "DROP TABLE second");
      await start();
      for (const file of ["0002_second.expand.sql", "0003_third.sql"])
        await rename(join(folder, file), join(folder, `.${file}.not`));
      expect(await start()).toEqual({ applied: [], waiting: [] });
      for (const file of ["0002_second.expand.sql", "0003_third.sql"])
        await rename(join(folder, `.${file}.not`), join(folder, file));
      expect(await run()).toEqual([3]);
      for (const file of ["0002_second.expand.sql", "0003_third.sql"]) await rm(join(folder, file));
      await expect(start()).rejects.toThrow("newer than this program's 1: run a newer program");
    });

    test("what a later version needs is done by its start, unless it lives", async () => {
      await write("0002_second.sql", "CREATE TABLE second (id int)");
      await write("0003_third.expand.sql", "CREATE TABLE third (id int)");
      await beat(1);
      await expect(beating(start)).rejects.toThrow("migration 2 waits for its end");
      expect(await versions()).toEqual([1]);
      await database.pool.query("DELETE FROM node");
      expect(await start()).toEqual({ applied: [2, 3], waiting: [] });
    });
  });

  test("refuses a schema of another line", async () => {
    await write("0001_first.sql", "SELECT");
    await run();
    await rename(join(folder, "0001_first.sql"), join(folder, "0001_other.sql"));
    await expect(run()).rejects.toThrow('migration 1 is "first" in the database and "other" in this program');
  });

  test("refuses a database that lacks a migration between others", async () => {
    for (const file of ["0001_a.sql", "0002_b.sql", "0003_c.sql"]) await write(file, "SELECT");
    await run();
    await database.pool.query("DELETE FROM schema_migration WHERE version = 2");
    await expect(run()).rejects.toThrow("the database lacks migration 2");
  });

  test.each([
    ["a gap", ["0001_a.sql", "0003_c.sql"], "0003_c.sql: migration 2 should come here"],
    ["two of one number", ["0001_a.sql", "0001_b.sql"], "0001_b.sql: migration 2 should come here"],
    ["a file of another name", ["1_a.sql"], "1_a.sql is not named NNNN_name.sql"],
  ])("refuses a folder with %s, before it changes anything", async (_what, files, message) => {
    for (const file of files) await write(file, "CREATE TABLE a (id int)");
    await expect(run()).rejects.toThrow(message);
    await expect(versions()).rejects.toThrow("does not exist");
  });

  test("takes no other files of the folder for migrations", async () => {
    await write("0001_first.sql", "SELECT");
    await write("README.md", "");
    await mkdir(join(folder, "old"));
    expect(await run()).toEqual([1]);
  });

  test("brings an empty database to this program's schema", async () => {
    const { applied } = await migrate(database.config, MIGRATIONS, () => {});
    expect(applied.length).toBeGreaterThan(0);
    expect(await versions()).toEqual(applied);
  });

  test("keeps receipts that came too late with their messages", async () => {
    const older = (await readdir(MIGRATIONS)).filter((file) => file < "0018").sort();
    for (const file of older) await copyFile(join(MIGRATIONS, file), join(folder, file));
    await run();
    const { pool } = database;
    const id = messageId(newBatchId(Date.now()), 1);
    await pool.query(
      `INSERT INTO message (id, expires_at, destination, account_id, leased_by, state, parts, code)
       VALUES ($1, now(), 447700900123, 1, 0, 3, 1, 67)`,
      [id],
    );
    await pool.query(
      `INSERT INTO late_receipt VALUES ($1, '2026-11-01T12:00:00.250Z', 2, 0), ($1, '2026-11-01T13:00:00Z', 3, 67)`,
      [id],
    );
    await migrate(database.config, MIGRATIONS, () => {});
    const { rows } = await pool.query<{ events: string }>("SELECT events FROM message");
    const events = eventsOf(rows[0]!.events, { carrier: 1, carrierMessageId: null }, () => null);
    expect(events).toMatchObject([
      { kind: "receipt", at: Date.UTC(2026, 10, 1, 12, 0, 0, 250), state: "delivered", effect: "late" },
      { kind: "receipt", at: Date.UTC(2026, 10, 1, 13), state: "undeliverable", effect: "late" },
    ]);
  });

  test("has the webhooks of an older schema claimed by account and number, in each partition", async () => {
    const older = (await readdir(MIGRATIONS)).filter((file) => file < "0010").sort();
    for (const file of older) await copyFile(join(MIGRATIONS, file), join(folder, file));
    await run();
    const { pool } = database;
    const now = Date.now();
    await ensurePartitions(pool, now, now);
    const ids = [now, now, now - 864_000_000].map((at) => messageId(newBatchId(at), 1));
    await pool.query(
      `INSERT INTO webhook (id, account_id, leased_by, endpoint, url, next_at)
       SELECT id, account_id, 0, 7, 'http://127.0.0.1/', now() FROM unnest($1::uuid[], '{1,2,2}'::int[]) AS t (id, account_id)`,
      [ids],
    );
    await migrate(database.config, MIGRATIONS, () => {});
    const { rows } = await pool.query(
      `SELECT count(*)::int AS partitions, count(*) FILTER (WHERE d LIKE '%(leased_by, account_id, endpoint, next_at)%')::int AS indexed
       FROM pg_inherits i JOIN LATERAL (
         SELECT string_agg(pg_get_indexdef(x.indexrelid), ' ') AS d FROM pg_index x WHERE x.indrelid = i.inhrelid
       ) defs ON true WHERE i.inhparent = 'webhook'::regclass`,
    );
    expect(rows).toEqual([{ partitions: 2, indexed: 2 }]);
    const claimed = await claimWebhooks(pool, 1, 100, 100, [{ accountId: 1, endpoint: 7, room: 0 }], BEFORE_ALL);
    expect(claimed.map(({ id }) => id).sort()).toEqual(ids.slice(1).sort());
  });

  test("keeps what waits in a store of the words before, and has it claimed", async () => {
    for (const file of (await readdir(MIGRATIONS)).filter((name) => name < "0015")) {
      await copyFile(join(MIGRATIONS, file), join(folder, file));
    }
    await run();
    const now = Date.now();
    await ensurePartitions(database.pool, now, now);
    const id = messageId(newBatchId(now), 1);
    const message = { id, accountId: 1, destination: "447700900123", parts: 1, batchId: batchOf(id) };
    await database.pool.query(
      "INSERT INTO batch (id, account_id, total, parts, sender, body) VALUES ($1, 1, 1, 1, 'MyShop', 'Hi')",
      [batchOf(id)],
    );
    const content = JSON.stringify({ shared: {}, messages: [{ ...message, expiresAt: now + 60_000 }] });
    await database.pool.query("INSERT INTO worker (host, pid) VALUES ('a', 1)");
    await database.pool.query(
      `INSERT INTO lot (id, worker, account_id, expires_at, ids, messages)
       VALUES ($1, 0, 1, now() + interval '1 minute', ARRAY[$1::uuid], $2)`,
      [id, content],
    );
    await database.pool.query(
      "INSERT INTO untried (id, worker, ids, account_ids) VALUES ($1, 1, ARRAY[$1::uuid], '{1}')",
      [id],
    );
    await database.pool.query("DELETE FROM worker");
    await migrate(database.config, MIGRATIONS, () => {});
    const [bundle] = await claimBundles(database.pool, 1, 1);
    expect(messagesOfBundle(bundle!)).toMatchObject([
      { id, accountId: 1, destination: "447700900123", sender: "MyShop", body: "Hi" },
    ]);
    const { rows } = await database.pool.query("SELECT account_id, id, node FROM bundled_webhook");
    expect(rows).toEqual([{ account_id: 1, id, node: 1 }]);
  });
});
