import { afterAll, beforeEach, expect, test } from "vitest";
import { eraseHandset } from "../../src/account/erase-handset.ts";
import { lastOf, messageId, newBatchId } from "../../src/message/id.ts";
import { DELIVERED, SUBMITTED } from "../../src/message/lifecycle.ts";
import { LOST_MS, LostHandOffs } from "../../src/processes/lost-hand-offs.ts";
import { createLog } from "../../src/runtime/log.ts";
import { erasePending } from "../../src/store/handsets/erase-final.ts";
import { batchDetails } from "../../src/store/messages/batch-details.ts";
import { batchStatus } from "../../src/store/messages/batch-status.ts";
import {
  claimBundles,
  insertBundle,
  insertPlainBundle,
  MESSAGE_BUNDLES,
  materializeExpiredBundles,
  messagesOfBundle,
} from "../../src/store/messages/bundles.ts";
import { claimMessages } from "../../src/store/messages/claim-messages.ts";
import { insertBatches } from "../../src/store/messages/insert-batches.ts";
import { insertChargedBundles } from "../../src/store/messages/insert-charged-messages.ts";
import type { NewMessage } from "../../src/store/messages/insert-messages.ts";
import { oldestWaiting } from "../../src/store/messages/oldest-waiting.ts";
import { findUsedIds } from "../../src/store/messages/reserve-given-ids.ts";
import { enterNode, freeOrphans, leaveNode } from "../../src/store/nodes.ts";
import { testDatabase } from "../support/database.ts";
import { newMessage } from "../support/new-message.ts";
import { progressOf, receiptOf, recordOutcome } from "../support/progress.ts";
import { until } from "../support/until.ts";

const { pool, close } = await testDatabase();
afterAll(close);
await pool.query("INSERT INTO organization (identifier, name) VALUES (gen_random_uuid(), 'one')");
for (const name of ["a", "b"]) {
  await pool.query("INSERT INTO account (identifier, organization_id, name) VALUES (gen_random_uuid(), 1, $1)", [name]);
}
beforeEach(async () => {
  await pool.query(
    "TRUNCATE message_bundle, webhook_bundle, message, webhook, batch, batch_count, node, pending_erasure",
  );
});

const TEXT = 'Your "code" is \\ {1,2}\n😀';

/** Each message is a millisecond younger than the one before. */
let clock = Date.now();

function message(over: Partial<NewMessage> = {}): NewMessage {
  return newMessage({ id: messageId(newBatchId(clock++), 1), body: TEXT, ...over });
}

/** A bundle of single messages in the hand of `node`. */
async function buffered(node: number, messages: readonly NewMessage[]) {
  const bundle = await insertPlainBundle(pool, { node, accountId: 0, messages }, [1, 2]);
  return messagesOfBundle(bundle!);
}

/** A batch in bundles of `size`, left to be claimed. */
async function waiting(count: number, size: number, over: Partial<NewMessage> = {}) {
  const id = newBatchId(Date.now());
  const batch = {
    id,
    accountId: 1,
    total: count,
    parts: 1,
    sender: "MyShop",
    body: TEXT,
    callback: "http://127.0.0.1:9/",
    endpoint: 7,
    givenId: null,
  };
  await insertBatches(pool, [batch]);
  const messages = Array.from({ length: count }, (_, index) =>
    message({ id: messageId(id, index + 1), batchId: id, sender: null, body: null, ...over }),
  );
  for (let from = 0; from < count; from += size) {
    await insertBundle(pool, { node: 0, accountId: 1, messages: messages.slice(from, from + size) }, batch);
  }
  return { id, ids: messages.map((message) => message.id) };
}

function outcomeOf({ id, bundled }: { id: string; bundled?: ReturnType<typeof messagesOfBundle>[number]["bundled"] }) {
  return { id, state: SUBMITTED, code: null, carrier: 1, carrierMessageIds: [`c-${id}`], bundled } as const;
}

const counted = async (table: string) => (await pool.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;

test("a message comes out of its bundle as it went in, whatever stands in its text", async () => {
  const [sent] = await buffered(1, [message({ givenId: newBatchId(Date.now()) })]);
  expect(sent).toMatchObject({ accountId: 1, destination: "447700900123", sender: "MyShop", body: TEXT, parts: 1 });
  const { progress } = progressOf(pool, 1);
  await recordOutcome(progress, outcomeOf(sent!));
  const { rows } = await pool.query("SELECT * FROM message");
  expect(rows).toMatchObject([{ id: sent!.id, body: TEXT, sender: "MyShop", state: SUBMITTED, leased_by: 0 }]);
});

test("a bundle goes with the last of its messages", async () => {
  const messages = await buffered(1, [message(), message(), message()]);
  const { progress } = progressOf(pool, 1);
  await Promise.all(messages.slice(0, 2).map((sent) => recordOutcome(progress, outcomeOf(sent))));
  expect(await counted("message_bundle")).toBe(1);
  await recordOutcome(progress, outcomeOf(messages[2]!));
  expect({ bundles: await counted("message_bundle"), messages: await counted("message") }).toEqual({
    bundles: 0,
    messages: 3,
  });
});

test("what is recorded counts once in its bundle, though the flush is repeated because the store failed behind it", async () => {
  const [first, second, third] = await buffered(1, [message(), message(), message()]);
  const { progress } = progressOf(pool, 1);
  const holder = await pool.connect();
  try {
    await holder.query("BEGIN; LOCK TABLE parked_receipt");
    const recorded = recordOutcome(progress, outcomeOf(first!));
    const parked = progress.recordReceipt(receiptOf("unknown", DELIVERED, "000"));
    const waiting = () =>
      pool.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
    const pid = await until("the receipt to wait", async () => (await waiting()).rows[0]?.pid);
    expect(await counted("message")).toBe(1);
    await pool.query("SELECT pg_terminate_backend($1)", [pid]);
    await until("it to wait again", async () => (await waiting()).rows.some((row) => row.pid !== pid));
    await holder.query("ROLLBACK");
    expect(await recorded).toBe(true);
    await parked;
  } finally {
    holder.release();
  }
  await recordOutcome(progress, outcomeOf(second!));
  expect(await counted("message_bundle")).toBe(1);
  await recordOutcome(progress, outcomeOf(third!));
  expect(await counted("message_bundle")).toBe(0);
});

test("a receipt that meets its submit's answer makes the row final, with its webhook", async () => {
  const [sent] = await buffered(1, [message({ callback: "http://127.0.0.1:9/", endpoint: 7 })]);
  const { progress, finals } = progressOf(pool, 1);
  const receipt = progress.recordReceipt({
    carrier: 1,
    carrierMessageId: `c-${sent!.id}`,
    spellings: () => [{ id: `c-${sent!.id}`, form: "exact" }],
    destination: sent!.destination,
    numbers: () => [sent!.destination],
    state: DELIVERED,
    said: { at: Date.now(), state: "delivered", error: null, text: null, doneAt: null },
    code: "00",
    longMessageReceipts: "all",
  });
  await Promise.all([recordOutcome(progress, outcomeOf(sent!)), receipt]);
  expect(finals).toMatchObject([
    { id: sent!.id, accountId: 1, state: DELIVERED, code: 0, url: "http://127.0.0.1:9/", endpoint: 7 },
  ]);
  const { rows } = await pool.query("SELECT m.state, u.node FROM message m JOIN bundled_webhook u ON u.id = m.id");
  expect(rows).toEqual([{ state: DELIVERED, node: 1 }]);
});

test("what a dead node had in bundles is taken over: what has a row keeps it, and the others get one", async () => {
  const dead = await enterNode(pool, "elsewhere", 1);
  const messages = await buffered(dead, [message(), message(), message()]);
  const { progress } = progressOf(pool, dead);
  await recordOutcome(progress, outcomeOf(messages[0]!));
  expect(await freeOrphans(pool)).toEqual({ messages: 0, webhooks: 0 });
  await pool.query("DELETE FROM node");
  expect(await freeOrphans(pool)).toEqual({ messages: 2, webhooks: 0 });
  expect(await counted("message_bundle")).toBe(0);
  const claimed = await claimMessages(pool, 9, 500, 500);
  expect(claimed.map(({ id, body }) => [id, body])).toEqual(messages.slice(1).map(({ id }) => [id, TEXT]));
  // The dead was not dead, and reports late: the message is another's, and its outcome here changes nothing.
  expect(await recordOutcome(progress, outcomeOf(messages[1]!))).toBe(false);
  const { rows } = await pool.query("SELECT state, leased_by FROM message WHERE id = $1", [messages[1]!.id]);
  expect(rows).toEqual([{ state: 0, leased_by: 9 }]);
});

test("a node that leaves gives back what it did not send", async () => {
  const node = await enterNode(pool, "here", 1);
  await buffered(node, [message(), message()]);
  await leaveNode(pool, node);
  const bundles = await counted("message_bundle");
  expect({ bundles, claimed: (await claimMessages(pool, 9, 500, 500)).length }).toEqual({ bundles: 0, claimed: 2 });
});

test("of a bundle that did not reach its node whole, the missing messages are given rows, and the bundle ends", async () => {
  const messages = await buffered(3, [message(), message()]);
  await recordOutcome(progressOf(pool, 3).progress, outcomeOf(messages[0]!));
  const missing = async () => (await MESSAGE_BUNDLES.stored(pool, 3, Date.now() + 1_000)).map((one) => one.missing);
  expect(await missing()).toEqual([[messages[1]!.id]]);
  let now = Date.now() + 1_000;
  const found = { times: 0 };
  const lost = new LostHandOffs({
    pool,
    log: createLog({ level: "silent", name: "test", readable: false }),
    clock: { now: () => now },
    node: () => 3,
    buffered: { messages: () => false, webhooks: () => true },
    onFound: () => found.times++,
  });
  await lost.look();
  now += LOST_MS;
  await lost.look();
  expect({ missing: await missing(), ...found }).toEqual({ missing: [[messages[1]!.id]], times: 0 });
  now += 1;
  await lost.look();
  expect((await claimMessages(pool, 9, 500, 500)).map(({ id }) => id)).toEqual([messages[1]!.id]);
  expect({ missing: await missing(), ...found }).toEqual({ missing: [[]], times: 1 });
  await lost.look();
  expect({ missing: await missing(), ...found }).toEqual({ missing: [], times: 1 });
});

test("bundles that nobody has are claimed whole, one of each account at a time, each once", async () => {
  const { ids } = await waiting(5, 2);
  const claims = await Promise.all([claimBundles(pool, 1, 10), claimBundles(pool, 2, 10)]);
  const further = [await claimBundles(pool, 1, 10), await claimBundles(pool, 1, 10), await claimBundles(pool, 1, 10)];
  const messages = [...claims, ...further].flat().flatMap(messagesOfBundle);
  expect(messages.map(({ id }) => id).sort()).toEqual(ids);
  expect(messages[0]).toMatchObject({ sender: "MyShop", body: TEXT });
});

test("a bundle whose messages have expired becomes rows, which are failed like all that expired", async () => {
  await waiting(2, 2, { expiresAt: Date.now() - 1_000 });
  await waiting(1, 1);
  expect(await materializeExpiredBundles(pool)).toBe(2);
  const { ends, finals } = progressOf(pool, 1);
  expect(await ends.expire(10)).toBe(2);
  expect(finals).toMatchObject([{ code: 0x51 }, { code: 0x51 }]);
  expect(await counted("message_bundle")).toBe(1);
});

test("a bundle that another program just claims gets no rows", async () => {
  await waiting(2, 2, { expiresAt: Date.now() - 1_000 });
  const other = await pool.connect();
  await other.query("BEGIN");
  expect(await claimBundles(other, 5, 1)).toHaveLength(1);
  let isDone = false;
  const materialized = materializeExpiredBundles(pool).finally(() => {
    isDone = true;
  });
  const blocked = "SELECT FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()";
  await until("its end, or a wait", async () => isDone || (await pool.query(blocked)).rowCount === 1);
  await other.query("COMMIT");
  other.release();
  expect(await materialized).toBe(0);
  expect({ bundles: await counted("message_bundle"), rows: await counted("message") }).toEqual({ bundles: 1, rows: 0 });
});

test("a flush that ends a bundle does not wait for one who gives its messages rows, and waits for the flush", async () => {
  const [first] = await buffered(7, [message(), message()]);
  const { rows } = await pool.query<{ id: string }>("SELECT id FROM message_bundle");
  const flush = await pool.connect();
  try {
    await flush.query("BEGIN");
    await MESSAGE_BUNDLES.materializeMembers(flush, [first!.id], 7);
    // Its node is no more: another program takes the bundle over, and comes to the row that the flush has written.
    const taking = freeOrphans(pool);
    await until("the other to wait", async () => {
      const waits = await pool.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return waits.rowCount === 1;
    });
    await flush.query(`WITH ${MESSAGE_BUNDLES.goneSql("$1")} SELECT`, [rows.map(({ id }) => id)]);
    await flush.query("COMMIT");
    await taking;
  } finally {
    flush.release();
  }
  expect({ bundles: await counted("message_bundle"), messages: await counted("message") }).toEqual({
    bundles: 0,
    messages: 2,
  });
});

test("a single message is known by its batch while it has no row, to its account alone", async () => {
  const [one, other] = [message(), message({ accountId: 2 })];
  // In a bundle they stand as they were accepted, which need not be in the order of their ids.
  await buffered(1, [other, one]);
  const batch = (id: string) => `${id.slice(0, 31)}00000`;
  for (const { id, accountId } of [one, other]) {
    expect(await batchStatus(pool, accountId, batch(id))).toMatchObject({
      counts: { total: 1, delivered: 0, failed: 0 },
    });
    expect(await batchStatus(pool, 3 - accountId, batch(id))).toBeNull();
    const details = await batchDetails(pool, accountId, batch(id), lastOf(batch(id)), 10);
    expect(details).toEqual([{ id, visibleId: id, destination: "447700900123", state: 0, code: null }]);
    expect(await batchDetails(pool, 3 - accountId, batch(id), lastOf(batch(id)), 10)).toEqual([]);
    const used = { accountId, kind: "m", given: id, id: newBatchId(0), path: "id" } as const;
    expect((await findUsedIds(pool, [used])).size).toBe(1);
    expect((await findUsedIds(pool, [{ ...used, accountId: 3 - accountId }])).size).toBe(0);
  }
});

test("pages of a batch run through its rows and its bundles in order, none twice and none left out", async () => {
  const { id, ids } = await waiting(23, 5);
  const [bundle] = await claimBundles(pool, 1, 1);
  const { progress } = progressOf(pool, 1);
  // Of the first bundle all but the second message have rows.
  for (const sent of messagesOfBundle(bundle!)) if (sent.id !== ids[1]) await recordOutcome(progress, outcomeOf(sent));
  for (const limit of [1, 3, 5, 7, 100]) {
    const seen: string[] = [];
    for (let after = id; ; ) {
      const page = await batchDetails(pool, 1, after, lastOf(id), limit);
      seen.push(...page.map((row) => row.id));
      if (page.length < limit) break;
      after = page.at(-1)!.id;
    }
    expect(seen).toEqual(ids);
  }
});

test("the oldest message that waits counts where it waits in a bundle", async () => {
  await buffered(1, [message({ id: messageId(newBatchId(Date.now() - 600_000), 1) })]);
  expect(Math.round((Date.now() - (await oldestWaiting(pool)).send!) / 60_000)).toBe(10);
});

test("a handset is erased from a message that has no row yet once it has one and is final", async () => {
  const [sent, other] = await buffered(1, [message(), message({ destination: "447700900124" })]);
  expect(await eraseHandset(pool, 1, "447700900123")).toMatchObject({ messages: 0, pending: 1 });
  await pool.query("UPDATE pending_erasure SET next_at = now()");
  await erasePending(pool, 10);
  expect(await counted("pending_erasure")).toBe(1);
  const { progress, ends } = progressOf(pool, 1);
  for (const each of [sent!, other!]) await recordOutcome(progress, outcomeOf(each));
  await ends.finish([sent!, other!].map(({ id }) => ({ id, state: DELIVERED, code: 0 })));
  await pool.query("UPDATE pending_erasure SET next_at = now()");
  await erasePending(pool, 10);
  const { rows } = await pool.query("SELECT destination, body FROM message ORDER BY destination");
  expect(rows).toEqual([
    { destination: 0, body: null },
    { destination: 447_700_900_124, body: TEXT },
  ]);
  expect(await counted("pending_erasure")).toBe(0);
});

test("of priced accounts each has a bundle of its own, and one that cannot pay has none", async () => {
  await pool.query("UPDATE account SET priced = true, balance = CASE id WHEN 1 THEN 5 ELSE 1 END");
  const own = new Map([1, 2].map((accountId) => [accountId, [message({ accountId }), message({ accountId })]]));
  const charge = { credits: 2, batches: [newBatchId(0), newBatchId(1)], costs: [1, 1] };
  const bundles = await insertChargedBundles(pool, own, 4, new Map([1, 2].map((id) => [id, charge])));
  expect([...bundles.keys()]).toEqual([1]);
  expect(messagesOfBundle(bundles.get(1)!).map(({ id }) => id)).toEqual(own.get(1)!.map(({ id }) => id));
  const { rows } = await pool.query("SELECT node, account_id, ids FROM message_bundle");
  expect(rows).toEqual([{ node: 4, account_id: 0, ids: own.get(1)!.map(({ id }) => id) }]);
  const balances = await pool.query("SELECT balance FROM account ORDER BY id");
  expect(balances.rows.map(({ balance }) => balance)).toEqual([3, 1]);
  await pool.query("UPDATE account SET priced = false");
});

test("what differs within a bundle is each message's own, and what is alike is everyone's, as rows too", async () => {
  const messages = [
    message({ callback: "http://127.0.0.1:9/", endpoint: 7 }),
    message({ accountId: 2, body: "Other", receiptBy: Date.now() + 120_000, givenId: newBatchId(clock++) }),
  ];
  await insertPlainBundle(pool, { node: 1, accountId: 0, messages }, [1, 2]);
  await MESSAGE_BUNDLES.materializeMembers(
    pool,
    messages.map(({ id }) => id),
    1,
  );
  const { rows } = await pool.query(`
    SELECT id, account_id AS "accountId", destination::text AS destination, parts, sender, body, callback, endpoint,
           given_id AS "givenId", extract(epoch FROM expires_at)::float8 * 1000 AS "expiresAt",
           extract(epoch FROM receipt_by)::float8 * 1000 AS "receiptBy"
    FROM message ORDER BY id`);
  expect(rows).toEqual(messages.map(({ leasedBy: _, batchId: __, ...kept }) => kept));
});
