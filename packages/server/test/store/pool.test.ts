import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { transaction } from "../../src/store/database.ts";
import { isTransientDatabaseError } from "../../src/store/errors.ts";
import { createPool, type PoolOptions } from "../../src/store/pool.ts";
import { ensurePartitions } from "../../src/store/upkeep/partitions.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let database: TestDatabase;
const pools: pg.Pool[] = [];

beforeAll(async () => {
  database = await testDatabase();
});

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.end();
});

afterAll(() => database.close());

function open(options: Partial<PoolOptions> = {}, config = database.config): pg.Pool {
  const pool = createPool(config, { max: 2, applicationName: "pool test", ...options });
  pools.push(pool);
  return pool;
}

async function processId(pool: pg.Pool): Promise<number> {
  return (await pool.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]!.pid;
}

/** Ends the server's side of every connection of the pool under test. */
const disconnect = () =>
  database.pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pool test'");

describe("createPool", () => {
  test("gives bigint values as numbers, and rejects one that a number does not hold", async () => {
    const pool = open();
    const { rows } = await pool.query(
      `SELECT count(*) AS counted, 9007199254740991::bigint AS largest, '{1,NULL,-3}'::bigint[] AS several,
        '{}'::bigint[] AS none, 1.5::numeric AS exact, ARRAY['a','b'] AS texts`,
    );
    expect(rows[0]).toEqual({
      counted: 1,
      largest: Number.MAX_SAFE_INTEGER,
      several: [1, null, -3],
      none: [],
      exact: "1.5",
      texts: ["a", "b"],
    });
    await expect(pool.query("SELECT 9007199254740992::bigint")).rejects.toThrow(RangeError);
    expect((await pool.query("SELECT 1::bigint AS one")).rows).toEqual([{ one: 1 }]);
  });

  test("sets its bounds and the caller's settings on each connection", async () => {
    const pool = open({ sessionSettings: { plan_cache_mode: "force_custom_plan", search_path: "a\\b, public" } });
    const { rows } = await pool.query(
      `SELECT name, setting FROM pg_settings WHERE name = ANY
        ('{application_name,statement_timeout,lock_timeout,plan_cache_mode,search_path}') ORDER BY name COLLATE "C"`,
    );
    expect(rows).toEqual([
      { name: "application_name", setting: "pool test" },
      { name: "lock_timeout", setting: "10000" },
      { name: "plan_cache_mode", setting: "force_custom_plan" },
      { name: "search_path", setting: "a\\b, public" },
      { name: "statement_timeout", setting: "30000" },
    ]);
  });

  test("leaves no effect to settings that the role carries", async () => {
    const { rows: role } = await database.pool.query<{ name: string }>("SELECT quote_ident(current_user) AS name");
    const settings = {
      DateStyle: "German, DMY",
      IntervalStyle: "iso_8601",
      TimeZone: "Asia/Tokyo",
      bytea_output: "escape",
      default_transaction_isolation: "serializable",
      default_transaction_read_only: "on",
      statement_timeout: "1s",
    };
    const { rows: names } = await database.pool.query<{ name: string }>("SELECT current_database() AS name");
    const databaseName = names[0]!.name;
    for (const [name, value] of Object.entries(settings)) {
      await database.pool.query(`ALTER ROLE ${role[0]!.name} IN DATABASE ${databaseName} SET ${name} = '${value}'`);
    }
    const pool = open();
    const { rows } = await pool.query(
      `SELECT '2030-01-31 09:30+02'::timestamptz::text AS time, '90 minutes'::interval::text AS span,
              '\\x01'::bytea::text AS octets, current_setting('transaction_isolation') AS isolation,
              current_setting('transaction_read_only') AS read_only`,
    );
    expect(rows).toEqual([
      {
        time: "2030-01-31 07:30:00+00",
        span: "01:30:00",
        octets: "\\x01",
        isolation: "read committed",
        read_only: "off",
      },
    ]);
    await pool.query(`ALTER ROLE ${role[0]!.name} IN DATABASE ${databaseName} RESET ALL`);
  });

  test("keeps the options of a URL beside its own", async () => {
    const url = new URL(database.url);
    url.searchParams.set("options", "-c work_mem=3MB");
    const pool = open({}, { connectionString: url.href });
    const { rows } = await pool.query(
      "SELECT current_setting('work_mem') AS theirs, current_setting('statement_timeout') AS ours",
    );
    expect(rows).toEqual([{ theirs: "3MB", ours: "30s" }]);
  });

  test("ends a connection that has lived for an hour, and with it the plans of earlier days", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const pool = open({ max: 1 });
    const prepared = async () => (await pool.query("SELECT FROM pg_prepared_statements")).rowCount;
    const from = Date.UTC(2033, 0, 1);
    await ensurePartitions(database.pool, from, from + 4 * 86_400_000);
    for (let day = 1; day <= 5; day++) {
      const partition = `message_2033010${day}`;
      await pool.query({ name: `read ${partition}`, text: `SELECT FROM ${partition}` });
    }
    expect(await prepared()).toBe(5);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(await prepared()).toBe(0);
  });

  test("outlives the loss of idle connections, and says so", async () => {
    const lost: Error[] = [];
    const pool = open({ onIdleError: (error) => lost.push(error) });
    await pool.query("SELECT 1");
    const removed = new Promise((resolve) => pool.once("remove", resolve));
    await disconnect();
    await removed;
    expect(lost.map(isTransientDatabaseError)).toEqual([true]);
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  test("outlives the loss of a connection that is in use between two queries", async () => {
    const pool = open();
    const client = await pool.connect();
    await client.query("BEGIN");
    const ended = new Promise((resolve) => client.once("end", resolve));
    await disconnect();
    await ended;
    const error = await client.query("COMMIT").catch((thrown: Error) => thrown);
    client.release(error as Error);
    expect(isTransientDatabaseError(error)).toBe(true);
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });
});

describe("a transaction", () => {
  test("that meets a server which writes no more ends its connection", async () => {
    const pool = open({ max: 1 });
    const before = await processId(pool);
    const refused = transaction(pool, async (client) => {
      await client.query("SET TRANSACTION READ ONLY");
      await client.query("CREATE TABLE never ()");
    });
    await expect(refused).rejects.toMatchObject({ code: "25006" });
    expect(await processId(pool)).not.toBe(before);
  });

  test("that fails otherwise leaves its connection to the next", async () => {
    const pool = open({ max: 1 });
    const before = await processId(pool);
    await expect(transaction(pool, (client) => client.query("SELECT 1/0"))).rejects.toMatchObject({ code: "22012" });
    expect(await processId(pool)).toBe(before);
  });
});

describe("errors that pass", () => {
  test("are those of a connection lost amid a query", async () => {
    const pool = open();
    const query = pool.query("SELECT pg_sleep(60)").catch((error: unknown) => error);
    const asleep = "application_name = 'pool test' AND state = 'active' AND query LIKE 'SELECT pg_sleep%'";
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${asleep}`;
    await expect.poll(async () => (await database.pool.query(end)).rowCount).toBe(1);
    expect(isTransientDatabaseError(await query)).toBe(true);
  });

  test("are those of a server that is not there", async () => {
    const noSocket = open({}, { host: "/nonexistent", user: "mplus", database: "mplus" });
    expect(isTransientDatabaseError(await noSocket.query("SELECT 1").catch((error) => error))).toBe(true);
    const nobodyListens = open({}, { host: "127.0.0.1", port: 1, user: "mplus", database: "mplus" });
    expect(isTransientDatabaseError(await nobodyListens.query("SELECT 1").catch((error) => error))).toBe(true);
  });

  test("are those of a pool that has no connection to give in time", async () => {
    const pool = createPool(database.config, { max: 1, applicationName: "pool test" });
    const client = await pool.connect();
    pool.options.connectionTimeoutMillis = 1;
    expect(isTransientDatabaseError(await pool.query("SELECT 1").catch((error) => error))).toBe(true);
    client.release();
    await pool.end();
  });

  test("are those of a statement that took too long, or a deadlock", async () => {
    const pool = open({ sessionSettings: { statement_timeout: 1 } });
    expect(isTransientDatabaseError(await pool.query("SELECT pg_sleep(60)").catch((error) => error))).toBe(true);
    expect(isTransientDatabaseError(Object.assign(new Error("deadlock detected"), { code: "40P01" }))).toBe(true);
  });

  test.each(["SELECT 1/0", "SELECT FROM nowhere", "SELEC", "SELECT 'a'::int"])("do not include: %s", async (sql) => {
    const error = await open()
      .query(sql)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(isTransientDatabaseError(error)).toBe(false);
  });

  test.each([undefined, "08006", { code: "08006" }, new Error("no code")])("do not include %o", (value) => {
    expect(isTransientDatabaseError(value)).toBe(false);
  });
});
