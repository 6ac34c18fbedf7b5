import { randomUUID } from "node:crypto";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { oldestWaiting } from "../../src/store/messages/oldest-waiting.ts";
import { waitingCounts } from "../../src/store/messages/waiting-counts.ts";
import { PLAN_SETTINGS } from "../../src/store/plan-settings.ts";
import { createPool } from "../../src/store/pool.ts";
import { testDatabase } from "../support/database.ts";

const database = await testDatabase();
afterAll(database.close);
const { pool } = database;

/** Minutes that the oldest row of each stage waits, rounded. */
async function minutes() {
  const oldest = await oldestWaiting(pool);
  const age = (at: number | null) => (at === null ? null : Math.round((Date.now() - at) / 60_000));
  return Object.fromEntries(Object.entries(oldest).map(([stage, at]) => [stage, age(at)]));
}

/** `minutesAgo` null: it waits no more; below 0: its time is still to come. */
async function message(accountId: number, leasedBy: number, minutesAgo: number | null): Promise<void> {
  await pool.query(
    `INSERT INTO message (id, expires_at, next_at, destination, account_id, leased_by, state, parts)
     VALUES ($1, now(), now() - $2 * interval '1 minute', 447700900123, $3, $4, 0, 1)`,
    [messageId(newBatchId(Date.now()), 1), minutesAgo, accountId, leasedBy],
  );
}

async function webhook(endpoint: number, leasedBy: number, minutesAgo: number | null, accountId = 1): Promise<void> {
  await pool.query(
    `INSERT INTO webhook (id, next_at, account_id, leased_by, endpoint, url)
     VALUES ($1, now() - $2 * interval '1 minute', $5, $3, $4, 'http://127.0.0.1/')`,
    [messageId(newBatchId(Date.now()), 1), minutesAgo, leasedBy, endpoint, accountId],
  );
}

test("of each stage the oldest row that is due counts, whoever has it in memory", async () => {
  expect(await minutes()).toEqual({ send: null, receipt: null, notify: null, schedule: null });
  await message(1, 0, -5);
  await message(2, 0, null);
  await webhook(7, 0, -5);
  expect(await minutes()).toEqual({ send: null, receipt: null, notify: null, schedule: null });

  for (const [account, node, ago] of [
    [1, 0, 10],
    [3, 0, 30],
    [3, 4, 20],
    [9, 4, 45],
    [9, 6, 5],
  ] as const) {
    await message(account, node, ago);
  }
  await webhook(-8, 0, 12);
  await webhook(7, 4, 15);
  await webhook(7, 4, -1);
  expect(await minutes()).toEqual({ send: 45, receipt: null, notify: 15, schedule: null });
  // Another account's endpoint of the same number, and one of a number before it.
  await webhook(7, 4, 16, 2);
  expect(await minutes()).toMatchObject({ notify: 16 });
  await webhook(-9, 4, 18, 2);
  expect(await minutes()).toMatchObject({ notify: 18 });
});

test("receipts without a message wait since they came, and scheduled batches since their time", async () => {
  await pool.query(
    `INSERT INTO parked_receipt (carrier, state, code, carrier_message_id, received_at)
     VALUES (1, 2, 0, 'a', now() - interval '25 minutes'), (1, 2, 0, 'b', now())`,
  );
  await pool.query(
    `INSERT INTO pending_batch (id, account_id, at, expires_at, total, cost, destinations)
     SELECT uuid, 1, now() - age, now(), 1, 0, '{447700900123}'
     FROM unnest($1::uuid[], '{3 minutes,-1 day,8 minutes}'::interval[]) AS t (uuid, age)`,
    [[randomUUID(), randomUUID(), randomUUID()]],
  );
  expect(await minutes()).toMatchObject({ receipt: 25, schedule: 8 });
});

test("what waits is counted by stage, whoever has it in memory", async () => {
  const before = await waitingCounts(pool);
  await message(1, 0, 1);
  await message(1, 5, -1);
  await message(1, 0, null);
  await webhook(7, 0, 1);
  await webhook(7, -2, -10);
  await webhook(7, 0, null);
  await pool.query(
    `INSERT INTO message_bundle (id, node, account_id, expires_at, ids, messages)
     SELECT ids[1], node, 1, now(), ids, ''
     FROM (SELECT n.node, ARRAY[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()] AS ids
           FROM unnest('{4,-1}'::int[]) AS n (node)) b`,
  );
  await pool.query(
    `INSERT INTO endpoint_state (account_id, endpoint, origin, state, since, last_at)
     SELECT 1, state, 'http://127.0.0.1', state, now(), now() FROM unnest('{0,1,2}'::smallint[]) AS s (state)`,
  );
  const { send, notify, failing, probed, receipt, schedule } = await waitingCounts(pool);
  expect({ send: send - before.send, notify: notify - before.notify, failing, probed }).toEqual({
    send: 5,
    notify: 2,
    failing: 1,
    probed: 1,
  });
  expect({ receipt, schedule }).toEqual({ receipt: 2, schedule: 3 });
});

test("counting what waits takes no process of its own, however dear the flow's connections make a row", async () => {
  const flow = createPool(database.config, { max: 1, applicationName: "flow", sessionSettings: PLAN_SETTINGS });
  onTestFinished(() => flow.end());
  await waitingCounts(flow);
  const { rows } = await flow.query<{ "QUERY PLAN": string }>('EXPLAIN EXECUTE "waiting-counts"');
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  expect(plan).toContain("message_bundle");
  expect(plan).not.toContain("Gather");
});
