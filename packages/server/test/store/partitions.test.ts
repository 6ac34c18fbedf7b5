import { afterAll, expect, test } from "vitest";
import { firstIdAt, messageId } from "../../src/message/id.ts";
import { createPool } from "../../src/store/pool.ts";
import { MIGRATIONS, migrate } from "../../src/store/upkeep/migrate.ts";
import { listPartitions } from "../../src/store/upkeep/partition-names.ts";
import { ensurePartitions } from "../../src/store/upkeep/partitions.ts";
import { testDatabase } from "../support/database.ts";

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

test("a day whose rows are in the default partition already gets them moved, while others write", async () => {
  const at = Date.UTC(2032, 0, 1);
  const from = firstIdAt(at);
  const id = (number: number) => messageId(from, number);
  const message = (number: number) =>
    pool.query(
      `INSERT INTO message (id, expires_at, destination, account_id, leased_by, state, parts)
       VALUES ($1, now(), 447700900123, 1, 0, 0, 1)`,
      [id(number)],
    );
  await Promise.all(Array.from({ length: 50 }, (_, number) => message(number)));
  await pool.query("INSERT INTO webhook (id, account_id, leased_by, endpoint, url) VALUES ($1, 1, 0, 1, 'x')", [from]);
  await pool.query("INSERT INTO message_part (message_id, part, carrier, state) VALUES ($1, 0, 1, 1)", [from]);
  const other = firstIdAt(at - DAY_MS);
  await pool.query("INSERT INTO webhook (id, account_id, leased_by, endpoint, url) VALUES ($1, 1, 0, 1, 'x')", [other]);
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let number = 0; number < 50; number++) await message(1_000 * (writer + 1) + number);
  });
  await Promise.all([ensurePartitions(pool, at, at + DAY_MS), ensurePartitions(pool, at, at + DAY_MS), ...writers]);
  await ensurePartitions(pool, at, at + DAY_MS);
  const count = async (table: string) => (await pool.query(`SELECT FROM ${table}`)).rowCount;
  expect(await count("message_20320101")).toBe(250);
  expect(await count("message_part_20320101")).toBe(1);
  expect(await count("webhook_20320101")).toBe(1);
  expect(await count("message_default")).toBe(0);
  expect(await count("webhook_default")).toBe(1);
  // It is a partition like any other: its indexes are the table's, and its settings its own.
  const { rows } = await pool.query(
    `SELECT (SELECT count(*)::int FROM pg_index WHERE indrelid = c.oid) AS indexes, reloptions FROM pg_class c
     WHERE relname IN ('message_20320101', 'message_20320102') ORDER BY relname`,
  );
  expect(rows[0]).toEqual(rows[1]);
  const { rows: found } = await pool.query("SELECT tableoid::regclass::text AS at FROM message WHERE id = $1", [id(7)]);
  expect(found).toEqual([{ at: "message_20320101" }]);
});

test("partitions of another installation, in another schema of the database, are none of ours", async () => {
  const day = Date.UTC(2034, 0, 1);
  await pool.query("CREATE SCHEMA neighbour");
  const theirs = createPool(database.config, {
    max: 1,
    applicationName: "neighbour",
    sessionSettings: { search_path: "neighbour" },
  });
  try {
    await migrate({ ...database.config, options: "-c search_path=neighbour" }, MIGRATIONS, () => {});
    await ensurePartitions(theirs, day, day);
    expect(await listPartitions(theirs)).toContain("message_20340101");
    expect(await listPartitions(pool)).not.toContain("message_20340101");
    await ensurePartitions(pool, day, day);
    expect(await partitionsOf("message")).toContain("message_20340101");
  } finally {
    await theirs.end();
  }
});
