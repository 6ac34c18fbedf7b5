import { afterAll, beforeAll, expect, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import type { Database } from "../../src/store/database.ts";
import { oldestWaiting } from "../../src/store/messages/oldest-waiting.ts";
import { Partitions } from "../../src/store/upkeep/partition-names.ts";
import { ensurePartitions } from "../../src/store/upkeep/partitions.ts";
import { BEFORE_ALL, claimWebhooks, ripenWebhooks } from "../../src/store/webhooks/claim-webhooks.ts";
import { recordAttempts } from "../../src/store/webhooks/record-attempts.ts";
import { testDatabase } from "../support/database.ts";

const NODE = 1;
const ENDPOINTS = 40_000;

const { pool, close } = await testDatabase();
afterAll(close);
const partitions = new Partitions();
beforeAll(async () => {
  await ensurePartitions(pool, Date.now(), Date.now());
  await partitions.refresh(pool);
});

interface Plan {
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
}

/** Runs what is asked with each statement explained; answers the blocks that they have read. */
async function blocks(run: (db: Database) => Promise<unknown>): Promise<number> {
  let sum = 0;
  const db = {
    query: async ({ text, values }: { text: string; values?: unknown[] }) => {
      const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
      const plan = (rows[0]["QUERY PLAN"] as [{ Plan: Plan }])[0].Plan;
      sum += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
      return { rows: [], rowCount: 0 };
    },
  };
  await run(db as unknown as Database);
  return sum;
}

/** One webhook for each of these endpoints, in the hand of the node. */
async function buffered(first: number, count: number): Promise<{ id: string; endpoint: number }[]> {
  const hooks = Array.from({ length: count }, (_, index) => ({
    id: messageId(newBatchId(Date.now()), 1),
    endpoint: first + index,
  }));
  await pool.query(
    `INSERT INTO webhook (id, account_id, leased_by, endpoint, url, kind, body, next_at)
     SELECT id, 1, $3, endpoint, 'http://127.0.0.1:9/', 'e', '{}', now() FROM unnest($1::uuid[], $2::int[]) AS t (id, endpoint)`,
    [hooks.map(({ id }) => id), hooks.map(({ endpoint }) => endpoint), NODE],
  );
  return hooks;
}

async function fail(hooks: readonly { id: string; endpoint: number }[], nextAt: number): Promise<void> {
  const rows = hooks.map(({ id, endpoint }) => ({
    ...{ accountId: 1, id, endpoint, state: 0, nextAt, url: "http://127.0.0.1:9/", bundle: undefined },
    attempt: "{}",
  }));
  for (let from = 0; from < rows.length; from += 1_000) {
    await recordAttempts(pool, partitions, rows.slice(from, from + 1_000), NODE, []);
  }
}

const HOUR_MS = 3_600_000;
const claim = (db: Database) => claimWebhooks(db, NODE, 128, 2_000, [], BEFORE_ALL);
const look = () =>
  blocks(async (db) => {
    await ripenWebhooks(db, 5_000);
    await claim(db);
  });

test("a claim reads as little with 40,000 endpoints whose next try is to come as with ten", async () => {
  await fail(await buffered(1, 10), Date.now() + HOUR_MS);
  await pool.query("VACUUM ANALYZE webhook");
  const few = { claim: await look(), oldest: await blocks(oldestWaiting) };
  await fail(await buffered(11, ENDPOINTS), Date.now() + HOUR_MS);
  await pool.query("VACUUM ANALYZE webhook");
  const many = { claim: await look(), oldest: await blocks(oldestWaiting) };
  // An index of 40,000 is a level or two higher than one of ten, and each partition has its own.
  expect(many.claim).toBeLessThan(few.claim + 100);
  expect(many.oldest).toBeLessThan(few.oldest + 100);
});

test("what has come to its time is claimed, and nothing else", async () => {
  const due = await buffered(1, 3);
  await fail(due, Date.now() - 1);
  expect(await oldestWaiting(pool)).toMatchObject({ notify: expect.any(Number) });
  expect(await claim(pool)).toEqual([]);
  expect(await ripenWebhooks(pool, 2)).toBe(true);
  expect(await ripenWebhooks(pool, 2)).toBe(false);
  expect((await claim(pool)).map(({ id }) => id).sort()).toEqual(due.map(({ id }) => id).sort());
});
