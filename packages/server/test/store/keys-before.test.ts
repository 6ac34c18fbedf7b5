import { readdirSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { timeOf } from "../../src/message/id.ts";
import { hashKey, newKey } from "../../src/runtime/api-key.ts";
import { listKeys } from "../../src/store/accounts/api-keys.ts";
import { defaultAccount, defaultOrganization } from "../../src/store/accounts/default-accounts.ts";
import { createPool } from "../../src/store/pool.ts";
import { MIGRATIONS, migrate } from "../../src/store/upkeep/migrate.ts";
import { testDatabase } from "../support/database.ts";

/** Keys of a store that is older than their identifiers and scopes. */
const database = await testDatabase();
await database.pool.query("CREATE SCHEMA before");
const config = { ...database.config, options: "-c search_path=before" };
const pool = createPool(config, { max: 2, applicationName: "test" });
afterAll(async () => {
  await pool.end();
  await database.close();
});

test("open all that they did, and are listed in the order in which they were made", async () => {
  const number = Number(
    readdirSync(MIGRATIONS)
      .find((name) => name.endsWith("_keys.sql"))!
      .slice(0, 4),
  );
  await migrate(config, MIGRATIONS, () => {}, { upTo: number - 1 });
  await pool.query(`
    INSERT INTO organization (identifier, name) SELECT gen_random_uuid(), name FROM unnest('{default,other}'::text[]) name;
    INSERT INTO account (identifier, organization_id, name)
    SELECT gen_random_uuid(), id, 'default' FROM organization ORDER BY id`);
  for (let day = 1; day <= 5; day++) {
    await pool.query(`INSERT INTO api_key (hash, organization_id, account_id, created_at) VALUES ($1, 1, 1, $2)`, [
      hashKey(newKey()),
      new Date(Date.UTC(2026, 0, day, 12, 0, 0, 123)),
    ]);
  }
  await migrate(config, MIGRATIONS, () => {});
  const keys = await listKeys(pool, { organizationId: 1, accountId: 1 });
  expect(keys.map(({ createdAt }) => createdAt.getUTCDate())).toEqual([5, 4, 3, 2, 1]);
  const unknown = { name: null, scope: "admin", prefix: null, expiresAt: null, lastUsedAt: null };
  for (const key of keys) expect(key).toMatchObject(unknown);
  // Of version 7, with the time at which they were made.
  expect(keys[4]!.identifier).toMatch(/^.{14}7.{4}[89ab].{16}$/);
  expect(timeOf(keys[4]!.identifier)).toBe(keys[4]!.createdAt.getTime());
  expect({
    defaultOrganization: await defaultOrganization(pool),
    defaultAccount: await defaultAccount(pool, 1),
  }).toEqual({ defaultOrganization: 1, defaultAccount: 1 });
  expect(await defaultAccount(pool, 2)).toBeNull();
});
