import { expect, test } from "vitest";
import { testDatabase } from "../database.ts";

test("a test database has the whole schema and nothing in it", async () => {
  const database = await testDatabase();
  const { rows } = await database.pool.query("SELECT count(*) AS n FROM schema_migration");
  expect(rows[0].n).toBeGreaterThan(0);
  await database.close();
});
