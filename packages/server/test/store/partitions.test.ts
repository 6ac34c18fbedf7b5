import { afterAll, expect, test } from "vitest";
import { ensurePartitions } from "../../src/store/partitions.ts";
import { testDatabase } from "../database.ts";

const DAY_MS = 86_400_000;
const database = await testDatabase({ max: 8 });
afterAll(database.close);
const { pool } = database;

async function partitionsOf(table: string): Promise<string[]> {
  const { rows } = await pool.query(
    "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass",
    [table],
  );
  return rows.map(({ name }) => name).sort();
}

test("programs that start together make the days' partitions together", async () => {
  const from = Date.UTC(2031, 0, 1);
  await Promise.all(Array.from({ length: 8 }, () => ensurePartitions(pool, from, from + 9 * DAY_MS)));
  const days = Array.from({ length: 10 }, (_, day) => `message_203101${String(day + 1).padStart(2, "0")}`);
  expect(await partitionsOf("message")).toEqual([...days, "message_default"]);
});

test("a day whose rows are in the default partition already stays there", async () => {
  const at = Date.UTC(2032, 0, 1);
  const id = `${at
    .toString(16)
    .padStart(12, "0")
    .replace(/^(.{8})/, "$1-")}-7000-8000-000000000001`;
  await pool.query("INSERT INTO webhook (id, account_id, leased_by, endpoint, url) VALUES ($1, 1, 0, 1, 'x')", [id]);
  await ensurePartitions(pool, at, at + DAY_MS);
  expect(await partitionsOf("message")).toContain("message_20320101");
  const webhooks = await partitionsOf("webhook");
  expect(webhooks).not.toContain("webhook_20320101");
  expect(webhooks).toContain("webhook_20320102");
});
