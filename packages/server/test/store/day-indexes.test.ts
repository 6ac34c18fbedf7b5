import { afterAll, expect, test } from "vitest";
import { HIGHEST_ID } from "../../src/http/routes/webhook-filter.ts";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { DELIVERED, FAILED } from "../../src/message/lifecycle.ts";
import { listMessages } from "../../src/store/messages/list-messages.ts";
import type { MessageFilter } from "../../src/store/messages/message-search.ts";
import { indexDay, messageDays } from "../../src/store/upkeep/day-indexes.ts";
import { ensurePartitions } from "../../src/store/upkeep/partitions.ts";
import { testDatabase } from "../support/database.ts";

const DAY_MS = 86_400_000;
const DAYS = 5;
/** Messages of a day: more than are looked at before the indexes are asked. */
const PER_DAY = 6_000;
const { pool, close } = await testDatabase();
afterAll(close);
const now = Date.now();
const today = now - (now % DAY_MS);
const never = new AbortController().signal;
await pool.query("INSERT INTO organization (identifier, name) VALUES (gen_random_uuid(), 'one')");
for (const name of ["a", "b"]) {
  await pool.query("INSERT INTO account (identifier, organization_id, name) VALUES (gen_random_uuid(), 1, $1)", [name]);
}
await ensurePartitions(pool, today - DAYS * DAY_MS, now);

/** One in a hundred and more is of the other account, failed, of another carrier, or of another sender. */
async function fill(day: number): Promise<void> {
  const ids = Array.from({ length: PER_DAY }, (_, index) => messageId(newBatchId(day + index * 1_000), 1));
  await pool.query(
    `INSERT INTO message (id, expires_at, final_at, destination, account_id, leased_by, state, parts, carrier, code, sender, body)
     SELECT id, now(), now(), 447700000000 + n, CASE WHEN n % 1000 = 1 THEN 2 ELSE 1 END, 0,
            CASE WHEN n % 1000 = 2 THEN ${FAILED} ELSE ${DELIVERED} END, 1, CASE WHEN n % 1000 = 3 THEN 2 ELSE 1 END,
            CASE WHEN n % 1000 = 2 THEN 67 ELSE 0 END, CASE WHEN n % 1000 = 4 THEN 'Rare' ELSE 'Usual' END, 'x'
     FROM unnest($1::uuid[]) WITH ORDINALITY AS t (id, n)`,
    [ids],
  );
}
for (let back = DAYS; back >= 1; back--) await fill(today - back * DAY_MS);

const everything: MessageFilter = {
  viewer: { accountId: null, organizationId: 1 },
  first: "00000000-0000-0000-0000-000000000000",
  last: HIGHEST_ID,
  number: null,
  sender: null,
  states: null,
  code: null,
  channel: null,
  carrier: null,
  single: false,
  account: null,
};
const FILTERS: Record<string, Partial<MessageFilter>> = {
  number: { number: { digits: "447700000007", whole: true } },
  "last digits": { number: { digits: "000008", whole: false } },
  account: { account: 2 },
  "an account's own": { viewer: { accountId: 2, organizationId: 1 } },
  state: { states: [FAILED] },
  "a state that nobody has": { states: [0, 1] },
  code: { code: 67 },
  carrier: { carrier: 2 },
  sender: { sender: "Rare" },
  "an account and a code that it has not": { account: 2, code: 67 },
};

/** Every page to the end. */
async function all(filter: Partial<MessageFilter>): Promise<string[]> {
  const ids: string[] = [];
  for (let before: string | null = HIGHEST_ID; before !== null; ) {
    const page = await listMessages(pool, { ...everything, ...filter }, before, 4);
    ids.push(...page.rows.map(({ id }) => id));
    before = page.next;
  }
  return ids;
}

const found = async () => {
  const answers: Record<string, string[]> = {};
  for (const [name, filter] of Object.entries(FILTERS)) answers[name] = await all(filter);
  return answers;
};

test("days that are over are indexed, the newest first, and a search finds the same as before", async () => {
  const before = await found();
  expect(before.number).toHaveLength(DAYS);
  expect(before.account).toHaveLength((DAYS * PER_DAY) / 1_000);
  // One step at once after the other: each finds that the one before has let go.
  while (await indexDay(pool, now + 3_600_000, never));
  const days = (await messageDays(pool)).filter(({ indexed }) => indexed).map(({ name }) => name);
  expect(days).toHaveLength(DAYS);
  const made = await pool.query("SELECT relname FROM pg_class WHERE relname ~ '_by_number$' ORDER BY oid");
  expect(made.rows.map(({ relname }) => relname)).toEqual(days.map((name) => `${name}_by_number`));
  expect(await found()).toEqual(before);
});

test("what is in no day's table, or has no row, is found beside them", async () => {
  const id = messageId(newBatchId(today - 40 * DAY_MS), 1);
  await pool.query(
    `INSERT INTO message (id, expires_at, destination, account_id, leased_by, state, parts, sender, body)
     VALUES ($1, now(), 447700000007, 2, 0, 1, 1, 'Rare', 'x')`,
    [id],
  );
  const last = async (name: string) => (await all(FILTERS[name]!)).at(-1);
  const names = ["number", "account", "a state that nobody has", "sender"];
  expect(await Promise.all(names.map(last))).toEqual(names.map(() => id));
});

test("an index that was not finished is made anew", async () => {
  const [day] = (await messageDays(pool)).filter(({ indexed }) => indexed);
  await pool.query("UPDATE pg_index SET indisvalid = false WHERE indexrelid = $1::regclass", [
    `${day!.name}_by_sender`,
  ]);
  expect((await messageDays(pool)).find(({ name }) => name === day!.name)?.indexed).toBe(false);
  await indexDay(pool, now + 3_600_000, never);
  expect((await messageDays(pool)).find(({ name }) => name === day!.name)?.indexed).toBe(true);
});

test("a program that stops ends what it was making", async () => {
  const [day] = (await messageDays(pool)).filter(({ indexed }) => indexed);
  await pool.query(`DROP INDEX ${day!.name}_by_sender`);
  const reader = await pool.connect();
  const stop = new AbortController();
  try {
    // Whoever makes an index while others write waits for transactions that have begun before.
    await reader.query("BEGIN");
    await reader.query(`UPDATE ${day!.name} SET code = code WHERE id = (SELECT id FROM ${day!.name} LIMIT 1)`);
    const making = indexDay(pool, now + 3_600_000, stop.signal);
    for (let waits = 0; waits === 0; ) {
      const { rows } = await pool.query<{ waits: number }>(
        "SELECT count(*)::int AS waits FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'",
      );
      waits = rows[0]!.waits;
    }
    stop.abort();
    expect(await making).toBe(false);
  } finally {
    await reader.query("ROLLBACK");
    reader.release();
  }
});
