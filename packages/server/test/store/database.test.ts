import pg from "pg";
import { describe, expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";

describe("a test database", () => {
  test("has the whole schema and nothing of another test's", async () => {
    const one = await testDatabase();
    const other = await testDatabase();
    await one.pool.query("CREATE TABLE mine ()");
    expect((await other.pool.query("SELECT count(*) AS n FROM schema_migration")).rows[0].n).toBeGreaterThan(0);
    expect((await other.pool.query("SELECT to_regclass('mine') AS mine")).rows).toEqual([{ mine: null }]);
    await Promise.all([one.close(), other.close()]);
  });

  test("is reached by its URL as well", async () => {
    const database = await testDatabase();
    const client = new pg.Client(database.url);
    await client.connect();
    const name = "SELECT current_database() AS name";
    expect((await client.query(name)).rows).toEqual((await database.pool.query(name)).rows);
    await client.end();
    await database.close();
  });

  test("complains of a client that was not given back", async () => {
    const database = await testDatabase();
    await database.pool.connect();
    await expect(database.close()).rejects.toThrow("1 clients of the pool were not released");
  });

  test("complains of a connection that was left open, by its name", async () => {
    const database = await testDatabase();
    const client = new pg.Client({ ...database.config, application_name: "forgetful" });
    client.on("error", () => {});
    await client.connect();
    await client.query("SELECT 'the last words'");
    await expect(database.close()).rejects.toThrow(
      "connections were left open: forgetful, last: SELECT 'the last words'",
    );
  });
});
