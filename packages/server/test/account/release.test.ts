import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { lastOf, messageId, newBatchId } from "../../src/message/id.ts";
import { batchDetails } from "../../src/store/messages/batch-details.ts";
import { batchStatus } from "../../src/store/messages/batch-status.ts";
import { insertBatches } from "../../src/store/messages/insert-batches.ts";
import {
  cancelPendingBatch,
  insertPendingBatches,
  listPendingBatches,
  type NewPendingBatch,
} from "../../src/store/messages/pending-batches.ts";
import { releasePending } from "../../src/store/messages/release-pending.ts";
import { testDatabase } from "../support/database.ts";

const database = await testDatabase();
afterAll(database.close);
const { pool } = database;
beforeEach(() => pool.query("TRUNCATE pending_batch, batch, message"));

const NODE = 7;
const MOST = 10_000;

/** Holds a batch of so many messages, due `secondsAgo`. */
async function hold(accountId: number, count: number, secondsAgo = 1): Promise<NewPendingBatch> {
  const at = Date.now() - secondsAgo * 1_000;
  const id = newBatchId(at);
  const content = { sender: "MyShop", body: "x", callback: null, endpoint: null };
  const batch = { id, accountId, total: count, parts: 2, ...content, givenId: null };
  const destinations = Array.from({ length: count }, (_, index) => String(447_700_000_000 + index));
  const times = { at, expiresAt: at + 3_600_000, receiptBy: null };
  const row = { id, accountId, ...times, total: count, cost: 0, givenId: null, tlvs: null, destinations, batch };
  await insertBatches(pool, [batch]);
  await insertPendingBatches(pool, [row]);
  return row;
}

async function releaseAll(perAccount: number): Promise<number> {
  let released = 0;
  for (;;) {
    const { length } = await releasePending(pool, NODE, perAccount, MOST);
    if (length === 0) return released;
    released += length;
  }
}

test("a batch is released in portions, in order, and in every moment all of it is there once", async () => {
  const { id, destinations } = await hold(1, 25);
  const seen: string[] = [];
  for (const count of [10, 10, 5, 0]) {
    const portion = await releasePending(pool, NODE, 10, MOST);
    expect(portion).toHaveLength(count);
    for (const message of portion) {
      expect(message).toMatchObject({ accountId: 1, sender: "MyShop", body: "x", parts: 2 });
      seen.push(message.destination);
    }
    expect((await batchStatus(pool, 1, id))?.counts.total).toBe(25);
    const details = await batchDetails(pool, 1, id, lastOf(id), 1_000);
    expect(details.map(({ destination }) => destination)).toEqual(destinations);
    expect(details.map((row) => row.id)).toEqual(destinations.map((_, index) => messageId(id, index + 1)));
    for (const after of [0, 9, 10, 12, 24]) {
      const page = await batchDetails(pool, 1, messageId(id, after), lastOf(id), 4);
      expect(page.map(({ destination }) => destination)).toEqual(destinations.slice(after, after + 4));
    }
  }
  expect(seen).toEqual(destinations);
  const { rows } = await pool.query(
    "SELECT count(*)::int AS rows, count(DISTINCT id)::int AS ids, bool_and(leased_by = $1 AND state = 0 AND batch_id = $2 AND parts = 2) AS right FROM message",
    [NODE, id],
  );
  expect(rows).toEqual([{ rows: 25, ids: 25, right: true }]);
  expect((await pool.query("SELECT FROM pending_batch")).rowCount).toBe(0);
});

test("nothing is released before its time", async () => {
  await hold(1, 3, -60);
  await hold(1, 4, 0);
  expect(await releaseAll(100)).toBe(4);
  expect(await listPendingBatches(pool, 1, null, 10)).toMatchObject([{ total: 3 }]);
});

test("what is due longest goes first, and no account stands behind another's thousands", async () => {
  for (let index = 0; index < 50; index++) await hold(1, 1, 100 - index);
  const big = await hold(2, 5_000, 200);
  const small = await hold(3, 1, 1);
  const first = await releasePending(pool, NODE, 20, MOST);
  const of = (account: number) => first.filter(({ accountId }) => accountId === account);
  expect([1, 2, 3].map((account) => of(account).length)).toEqual([20, 20, 1]);
  expect(of(3)[0]?.id).toBe(messageId(small.id, 1));
  expect(of(2).map(({ destination }) => destination)).toEqual(big.destinations.slice(0, 20));
  const [next] = await releasePending(pool, NODE, 1, MOST);
  const left = await listPendingBatches(pool, 1, null, 100);
  expect(left).toHaveLength(29);
  expect(next!.id < left[0]!.id).toBe(true);
});

test("takes no more in all than there is room for, evenly", async () => {
  for (const account of [1, 2, 3, 4]) await hold(account, 100);
  const portion = await releasePending(pool, NODE, 100, 10);
  expect(portion).toHaveLength(10);
  expect(await releaseAll(7)).toBe(390);
  const { rows } = await pool.query("SELECT count(*)::int AS rows, count(DISTINCT id)::int AS ids FROM message");
  expect(rows).toEqual([{ rows: 400, ids: 400 }]);
});

test("programs that release at once share it out, each message to one of them", async () => {
  for (let index = 0; index < 60; index++) await hold(index % 4, index % 3 === 0 ? 40 : 1);
  const taken: string[] = [];
  const program = async (node: number): Promise<void> => {
    for (let idle = 0; idle < 3; ) {
      const portion = await releasePending(pool, node, 15, 50);
      taken.push(...portion.map(({ id }) => id));
      idle = portion.length === 0 ? idle + 1 : 0;
    }
  };
  await Promise.all([1, 2, 3, 4].map(program));
  const total = 20 * 40 + 40;
  expect(taken).toHaveLength(total);
  expect(new Set(taken).size).toBe(total);
  const { rows } = await pool.query("SELECT count(*)::int AS rows FROM message");
  expect(rows).toEqual([{ rows: total }]);
});

describe("a cancel and a release that meet", () => {
  test("the cancel first: the release passes it by, and there is nothing left to release", async () => {
    const { id } = await hold(1, 3);
    const client = await pool.connect();
    await client.query("BEGIN");
    expect(await cancelPendingBatch(client, 1, id)).not.toBeNull();
    expect(await releasePending(pool, NODE, 10, MOST)).toEqual([]);
    await client.query("COMMIT");
    client.release();
    expect(await releasePending(pool, NODE, 10, MOST)).toEqual([]);
    expect(await batchStatus(pool, 1, id)).toBeNull();
  });

  test.each([
    ["whole", 10],
    ["in part", 2],
  ])("the release (%s) first: the cancel waits for it, and cancels nothing", async (_name, perAccount) => {
    const { id } = await hold(1, 3);
    const client = await pool.connect();
    await client.query("BEGIN");
    expect(await releasePending(client, NODE, perAccount, MOST)).toHaveLength(Math.min(3, perAccount));
    const cancelled = cancelPendingBatch(pool, 1, id);
    await client.query("COMMIT");
    client.release();
    expect(await cancelled).toBeNull();
    await releaseAll(10);
    expect((await batchDetails(pool, 1, id, lastOf(id), 10)).length).toBe(3);
  });

  test("the release is undone by a crash: it is as if it had never begun", async () => {
    const { id } = await hold(1, 3);
    const client = await pool.connect();
    await client.query("BEGIN");
    await releasePending(client, NODE, 2, MOST);
    await client.query("ROLLBACK");
    client.release();
    expect(await cancelPendingBatch(pool, 1, id)).toMatchObject({ visibleId: id });
    expect(await releaseAll(10)).toBe(0);
  });
});
