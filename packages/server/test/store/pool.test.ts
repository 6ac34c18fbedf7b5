import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isTransientDatabaseError } from "../../src/store/errors.ts";
import { createPool, type PoolOptions } from "../../src/store/pool.ts";
import { type TestDatabase, testDatabase } from "../database.ts";

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

describe("errors that pass", () => {
  test("are those of a connection lost amid a query", async () => {
    const pool = open();
    const query = pool.query("SELECT pg_sleep(60)").catch((error: unknown) => error);
    await expect.poll(async () => (await disconnect()).rowCount).toBe(1);
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
