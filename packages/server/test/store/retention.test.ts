import { afterAll, afterEach, expect, test } from "vitest";
import { firstIdAt, messageId } from "../../src/message/id.ts";
import { recordReceipts } from "../../src/store/messages/record-receipts.ts";
import { ensurePartitions } from "../../src/store/upkeep/partitions.ts";
import { dropOldDays } from "../../src/store/upkeep/retention.ts";
import { testDatabase } from "../support/database.ts";

const DAY_MS = 86_400_000;
const database = await testDatabase({ max: 4 });
afterAll(database.close);
const { pool } = database;
const FIRST = Date.UTC(2031, 0, 1);
const day = (number: number) => FIRST + number * DAY_MS;

/** The batch of number `place` of a day; its message has number 1. */
const batchOf = (at: number, place = 0) => firstIdAt(at + place);

async function message(batch: string, state = 2): Promise<void> {
  await pool.query(
    `INSERT INTO message (id, expires_at, next_at, destination, account_id, leased_by, state, parts)
     VALUES ($1, now(), CASE WHEN $2 = 0 THEN now() END, 447700900123, 1, 0, $2::smallint, 1)`,
    [messageId(batch, 1), state],
  );
}

/** What the messages of a batch share. */
async function shared(batch: string): Promise<void> {
  const text = "INSERT INTO batch (id, account_id, total, parts, sender, body) VALUES ($1, 1, 1, 1, 'x', 'x')";
  await pool.query(text, [batch]);
}

/** The webhook has had no try. */
async function bundle(batch: string): Promise<void> {
  // The row's own id is of when it was made.
  await pool.query("INSERT INTO webhook_bundle VALUES ($1, 1, $2, '{1}')", [firstIdAt(day(30)), [messageId(batch, 1)]]);
}

interface Hook {
  state?: number;
  tried?: number;
}

async function webhook(batch: string, { state = 1, tried = 0 }: Hook = {}): Promise<void> {
  const attempt = JSON.stringify({ at: new Date(tried).toISOString(), answer: "\0" });
  await pool.query(
    `INSERT INTO webhook (id, account_id, leased_by, endpoint, url, state, next_at, attempts)
     VALUES ($1, 1, 0, 1, 'x', $2::smallint, CASE WHEN $2 = 0 THEN now() END, ARRAY[$3])`,
    [messageId(batch, 1), state, attempt],
  );
}

async function drop(now: number, retentionMs: number): Promise<string[]> {
  const days = dropOldDays(pool, now, retentionMs);
  for (;;) {
    const step = await days.next();
    if (step.done === true) return step.value;
  }
}

const count = async (table: string) => (await pool.query(`SELECT FROM ${table}`)).rowCount;
const tables = async () =>
  (
    await pool.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '^(message|webhook|inbound|message_part)_2031'",
    )
  ).rows.map(({ name }) => name);

afterEach(async () => {
  await drop(day(400), 0);
  for (const table of ["message", "webhook", "pending_batch", "batch"]) await pool.query(`TRUNCATE ${table}`);
  await drop(day(400), 0);
  expect(await tables()).toEqual([]);
});

test("days that ended before the retention go, with what belongs to them; others and given identifiers stay", async () => {
  await ensurePartitions(pool, day(0), day(3));
  for (const number of [0, 1, 2, 3]) {
    const batch = batchOf(day(number), 5);
    await message(batch);
    await webhook(batch);
    const more = [messageId(batch, 1), batch];
    await pool.query("INSERT INTO message_part (message_id, part, carrier, state) VALUES ($1, 0, 1, 2)", [more[0]]);
    await pool.query("INSERT INTO inbound VALUES ($1, 1, now(), 447700900123, '447700900001', NULL, NULL, 'x')", [
      batch,
    ]);
    await shared(batch);
    await pool.query("INSERT INTO batch_count VALUES ($1, 1, 1, 0), ($1, 2, 0, 0)", [batch]);
    await pool.query("INSERT INTO given_id VALUES (1, 'm', $1, $2)", more);
  }
  expect(await drop(day(4) + 10, 2 * DAY_MS + 11)).toEqual(["2031-01-01"]);
  expect(await drop(day(4) + 10, 2 * DAY_MS + 10)).toEqual(["2031-01-02"]);
  expect(await drop(day(4) + 10, 2 * DAY_MS + 10)).toEqual([]);
  expect((await tables()).filter((name) => name.endsWith("0101") || name.endsWith("0102"))).toEqual([]);
  for (const table of ["message", "message_part", "webhook", "inbound", "batch"]) {
    expect({ table, count: await count(table) }).toEqual({ table, count: 2 });
  }
  expect({ batch_count: await count("batch_count"), given_id: await count("given_id") }).toEqual({
    batch_count: 4,
    given_id: 4,
  });
  await pool.query("TRUNCATE given_id");
});

test.each([
  [
    "a message that is not sent",
    () => message(batchOf(day(0)), 0),
    () => pool.query("UPDATE message SET state = 3, next_at = NULL"),
  ],
  [
    "a message that is not sent and in a bundle",
    () =>
      pool.query("INSERT INTO message_bundle VALUES ($1, 0, 1, now(), $2, '[]')", [
        messageId(batchOf(day(0)), 1),
        [messageId(batchOf(day(0)), 1)],
      ]),
    () => pool.query("TRUNCATE message_bundle"),
  ],
  ["a webhook that had no try", () => bundle(batchOf(day(0))), () => pool.query("TRUNCATE webhook_bundle")],
  [
    "a message without its receipt",
    () => message(batchOf(day(0)), 1),
    () => pool.query("UPDATE message SET state = 2"),
  ],
  [
    "a webhook that is tried again",
    () => webhook(batchOf(day(0)), { state: 0 }),
    () => pool.query("UPDATE webhook SET state = 1, next_at = NULL"),
  ],
  [
    "a batch that is held",
    () =>
      pool.query(
        `INSERT INTO pending_batch (id, at, expires_at, account_id, total, cost, destinations)
         VALUES ($1, now(), now(), 1, 1, 0, '{447700900123}')`,
        [batchOf(day(0))],
      ),
    () => pool.query("TRUNCATE pending_batch"),
  ],
])("a day with %s stays whole until that is finished", async (_what, begin, finish) => {
  await ensurePartitions(pool, day(0), day(1));
  await begin();
  await message(batchOf(day(0), 7));
  await shared(batchOf(day(0), 7));
  expect(await drop(day(3), DAY_MS)).toEqual(["2031-01-02"]);
  expect({ tables: (await tables()).length, batch: await count("batch") }).toEqual({ tables: 4, batch: 1 });
  await finish();
  expect(await drop(day(3), DAY_MS)).toEqual(["2031-01-01"]);
});

test("a day whose last message has become final meanwhile stays until its webhook had its try", async () => {
  await ensurePartitions(pool, day(0), day(0));
  await message(batchOf(day(0)));
  await shared(batchOf(day(0)));
  const days = dropOldDays(pool, day(3), DAY_MS);
  await days.next();
  expect(await count("batch")).toBe(0);
  await bundle(batchOf(day(0)));
  for (let step = await days.next(); ; step = await days.next()) {
    if (step.done !== true) continue;
    expect(step.value).toEqual([]);
    break;
  }
  await pool.query("TRUNCATE webhook_bundle");
  expect(await drop(day(3), DAY_MS)).toEqual(["2031-01-01"]);
});

test("an exhausted webhook is kept until its last try is older than the retention", async () => {
  await ensurePartitions(pool, day(0), day(0));
  await webhook(batchOf(day(0)), { state: 2, tried: day(2) });
  expect(await drop(day(2), DAY_MS)).toEqual([]);
  expect(await drop(day(3) - 1, DAY_MS)).toEqual([]);
  expect(await drop(day(3), DAY_MS)).toEqual(["2031-01-01"]);
});

test("what a clock that was far off left in the default partition goes too", async () => {
  await message(batchOf(day(0)));
  await webhook(batchOf(day(1)));
  expect({ message_default: await count("message_default"), webhook_default: await count("webhook_default") }).toEqual({
    message_default: 1,
    webhook_default: 1,
  });
  expect(await drop(day(3), 0)).toEqual(["2031-01-01", "2031-01-02"]);
  expect({ message: await count("message"), webhook: await count("webhook") }).toEqual({ message: 0, webhook: 0 });
});

test("while somebody holds the table it is given up, others do not wait, and the next run ends it", async () => {
  await ensurePartitions(pool, day(0), day(0));
  await message(batchOf(day(0)));
  const reader = await pool.connect();
  await reader.query("BEGIN");
  await reader.query("SELECT FROM message");
  try {
    const dropping = drop(day(1), 0);
    await message(batchOf(day(1)));
    expect(await dropping).toEqual([]);
    // A day that is to be made in its turn.
    expect(await drop(day(2), 0)).toEqual([]);
  } finally {
    await reader.query("COMMIT");
    reader.release();
  }
  expect(await drop(day(2), 0)).toEqual(["2031-01-01", "2031-01-02"]);
});

test("a program that still names a dropped day finds its receipts' messages elsewhere", async () => {
  const id = messageId(batchOf(day(0)), 1);
  await pool.query(
    `INSERT INTO message (id, expires_at, destination, account_id, leased_by, state, parts, carrier, carrier_message_id)
     VALUES ($1, now(), 447700900123, 1, 0, 1, 1, 1, 'known')`,
    [id],
  );
  const receipt = { carrier: 1, carrierMessageId: "known", destination: "447700900123", state: 2, code: 0 };
  const lease = { node: 0, full: [] };
  const found = await recordReceipts(pool, ["message_20300101", "message_default"], [receipt], 1, lease);
  expect(found.map((row) => row.id)).toEqual([id]);
});

test("programs that drop at once do not hinder each other", async () => {
  await ensurePartitions(pool, day(0), day(2));
  for (const number of [0, 1, 2]) await message(batchOf(day(number)));
  await Promise.all([drop(day(4), 0), drop(day(4), 0)]);
  expect(await count("message")).toBe(0);
  // One may have made an empty table anew that the other has just dropped.
  await drop(day(4), 0);
  expect(await tables()).toEqual([]);
});
