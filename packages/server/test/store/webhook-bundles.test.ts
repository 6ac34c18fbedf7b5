import { beforeEach, describe, expect, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { DELIVERED, FAILED, SUBMITTED } from "../../src/message/lifecycle.ts";
import { LOST_MS, LostHandOffs } from "../../src/processes/lost-hand-offs.ts";
import { createLog } from "../../src/runtime/log.ts";
import { claimBundles, insertBundle, messagesOfBundle } from "../../src/store/messages/bundles.ts";
import { claimMessages } from "../../src/store/messages/claim-messages.ts";
import { insertBatches } from "../../src/store/messages/insert-batches.ts";
import { insertMessages, type NewMessage } from "../../src/store/messages/insert-messages.ts";
import { enterNode, freeOrphans, leaveNode } from "../../src/store/nodes.ts";
import { releaseWebhooks } from "../../src/store/webhooks/claim-webhooks.ts";
import { NOT_DUE } from "../../src/store/webhooks/leased-by.ts";
import { CARRIER, receiptOf, recordOutcome } from "../support/progress.ts";
import {
  buffered,
  claim,
  counted,
  DAY_MS,
  DOWN,
  ENDPOINT,
  emptyTables,
  final,
  hooks,
  message,
  newId,
  OK,
  pool,
  rig,
  tried,
  URL,
} from "./webhook-bundles-rig.ts";

beforeEach(emptyTables);

test("a webhook gets its row with its first try, and the flush's bundle row goes with the last of them", async () => {
  const finals = await final(1, [message(), message({ accountId: 2 }), message({ callback: null, endpoint: null })]);
  expect({
    webhook: await counted("webhook"),
    webhook_bundle: await counted("webhook_bundle"),
    bundled_webhook: await counted("bundled_webhook"),
  }).toEqual({ webhook: 0, webhook_bundle: 1, bundled_webhook: 2 });
  expect(await tried(1, finals.slice(0, 1), OK)).toEqual([true]);
  expect({ webhook: await counted("webhook"), webhook_bundle: await counted("webhook_bundle") }).toEqual({
    webhook: 1,
    webhook_bundle: 1,
  });
  const nextAt = Date.now() + 5_000;
  expect(await tried(1, finals.slice(1, 2), DOWN, nextAt)).toEqual([true]);
  expect(await counted("webhook_bundle")).toBe(0);
  const attempt = (status: number) => [expect.stringContaining(`"status":${status}`)];
  const row = { url: URL, endpoint: ENDPOINT, tries: 1, leased_by: 0, kind: null, body: null };
  expect(await hooks()).toMatchObject([
    { ...row, id: finals[0]!.id, account_id: 1, state: 1, next_at: null, attempts: attempt(200) },
    {
      ...row,
      id: finals[1]!.id,
      account_id: 2,
      state: 0,
      leased_by: NOT_DUE,
      next_at: new Date(nextAt),
      attempts: attempt(500),
    },
  ]);
});

test("the second try is of the row that the first has made", async () => {
  const [one] = await final(1, [message()]);
  await tried(1, [one!], DOWN, Date.now() - 1);
  const [claimed] = await claim(1);
  expect(claimed).toMatchObject({ id: one!.id, url: URL, tries: 1, retry: true, bundle: undefined });
  const { bundle: _, ...again } = one!;
  expect(await tried(1, [again], OK)).toEqual([true]);
  const [row] = await hooks();
  expect({ state: row.state, tries: row.tries, attempts: row.attempts.length }).toEqual({
    state: 1,
    tries: 2,
    attempts: 2,
  });
});

test("what is exhausted with its first try is kept so, and told of", async () => {
  const finals = await final(1, [message(), message(), message()]);
  expect(await tried(1, finals.slice(1), DOWN)).toEqual([true, true]);
  expect(await counted("webhook_bundle")).toBe(1);
  expect(await tried(1, finals.slice(0, 1), DOWN)).toEqual([true]);
  expect(await counted("webhook_bundle")).toBe(0);
  for (const row of await hooks()) {
    expect(row).toMatchObject({ state: 2, tries: 1, next_at: null, leased_by: 0, attempts: [expect.any(String)] });
  }
  const { rows } = await pool.query("SELECT exhausted, cardinality(exhausted_ids) AS ids FROM endpoint_health");
  expect(rows).toEqual([{ exhausted: 3, ids: 3 }]);
});

describe("whatever makes a message final, its webhook is handed off", () => {
  /** Has a row, and is submitted. */
  async function submitted(node: number, over: Partial<NewMessage> = {}) {
    const one = message({ leasedBy: node, ...over });
    await insertMessages(pool, [one]);
    const rigged = rig(node);
    const outcome = {
      id: one.id,
      state: SUBMITTED,
      code: null,
      carrier: CARRIER,
      carrierMessageIds: [one.id],
    } as const;
    await recordOutcome(rigged.progress, outcome);
    return { ...rigged, ...one };
  }

  test.each([
    [
      "a later outcome",
      async () => {
        const one = message({ leasedBy: 1 });
        await insertMessages(pool, [one]);
        const { progress, finals } = rig(1);
        await recordOutcome(progress, { id: one.id, state: FAILED, code: "51", carrier: null, carrierMessageIds: [] });
        return finals;
      },
    ],
    [
      "a receipt",
      async () => {
        const { id, progress, finals } = await submitted(1);
        await progress.recordReceipt(receiptOf(id, DELIVERED, "00"));
        return finals;
      },
    ],
    [
      "a receipt on the day after",
      async () => {
        const { id, progress, finals } = await submitted(1, { id: newId(DAY_MS) });
        await progress.recordReceipt(receiptOf(id, DELIVERED, "00"));
        return finals;
      },
    ],
    [
      "the end of its validity",
      async () => {
        await insertMessages(pool, [message({ expiresAt: Date.now() - 1 })]);
        const { ends, finals } = rig(1);
        await ends.expire(10);
        return finals;
      },
    ],
    [
      "the end of the wait for its receipt",
      async () => {
        const { id, ends, finals } = await submitted(1);
        await ends.finish([{ id, state: FAILED, code: 0x5d }]);
        return finals;
      },
    ],
  ])("%s", async (_what, make) => {
    const finals = await make();
    expect(finals).toMatchObject([{ url: URL, bundle: { left: 1 } }]);
    expect({ webhook: await counted("webhook"), bundled_webhook: await counted("bundled_webhook") }).toEqual({
      webhook: 0,
      bundled_webhook: 1,
    });
    expect(await tried(1, finals, OK)).toEqual([true]);
    expect({ webhook: await counted("webhook"), webhook_bundle: await counted("webhook_bundle") }).toEqual({
      webhook: 1,
      webhook_bundle: 0,
    });
  });
});

test("receipts and outcomes of several days in one flush", async () => {
  const yesterday = () => message({ id: newId(DAY_MS) });
  const finals = await final(1, [message(), yesterday(), message(), yesterday()]);
  expect({
    finals: finals.length,
    webhook_bundle: await counted("webhook_bundle"),
    bundled_webhook: await counted("bundled_webhook"),
  }).toEqual({ finals: 4, webhook_bundle: 2, bundled_webhook: 4 });
  expect(await tried(1, finals, OK)).toEqual([true, true, true, true]);
  expect({ webhook: await counted("webhook"), webhook_bundle: await counted("webhook_bundle") }).toEqual({
    webhook: 4,
    webhook_bundle: 0,
  });

  const later = [message({ leasedBy: 1 }), { ...yesterday(), leasedBy: 1 }];
  await insertMessages(pool, later);
  const { progress, finals: more } = rig(1);
  const outcome = { state: SUBMITTED, code: null, carrier: CARRIER } as const;
  await Promise.all(later.map(({ id }) => recordOutcome(progress, { id, ...outcome, carrierMessageIds: [id] })));
  await Promise.all(later.map(({ id }) => progress.recordReceipt(receiptOf(id, DELIVERED, "00"))));
  expect({
    more: more.length,
    webhook_bundle: await counted("webhook_bundle"),
    bundled_webhook: await counted("bundled_webhook"),
  }).toEqual({ more: 2, webhook_bundle: 2, bundled_webhook: 2 });
  expect(await tried(1, more, OK)).toEqual([true, true]);
  expect({ webhook: await counted("webhook"), webhook_bundle: await counted("webhook_bundle") }).toEqual({
    webhook: 6,
    webhook_bundle: 0,
  });
});

test("of a flush those of full endpoints have rows that wait, and where nobody takes them all have", async () => {
  const full = [{ accountId: 1, endpoint: 8 }];
  const mixed = await final(1, [message(), message({ endpoint: 8 })], full);
  expect(mixed.map(({ bundle }) => bundle?.left)).toEqual([1, undefined]);
  expect(await hooks()).toMatchObject([{ id: mixed[1]!.id, endpoint: 8, leased_by: 0, state: 0, tries: 0 }]);
  const later = [message({ leasedBy: 1 }), message({ leasedBy: 1, endpoint: 8 })];
  await insertMessages(pool, later);
  const { progress, finals } = rig(1, full);
  const failed = { state: FAILED, code: "51", carrier: null, carrierMessageIds: [] } as const;
  await Promise.all(later.map(({ id }) => recordOutcome(progress, { id, ...failed })));
  expect(finals.map(({ bundle }) => bundle?.left)).toEqual([1, undefined]);
  expect({ webhook: await counted("webhook"), bundled_webhook: await counted("bundled_webhook") }).toEqual({
    webhook: 2,
    bundled_webhook: 2,
  });
  await final(1, [message(), message()], [], 0);
  expect({ webhook: await counted("webhook"), bundled_webhook: await counted("bundled_webhook") }).toEqual({
    webhook: 4,
    bundled_webhook: 2,
  });
  expect((await claim(9)).length).toBe(4);
});

test("a batch's webhooks go to its URL, and its sums are right, in one flush and over several", async () => {
  const id = newBatchId(Date.now());
  const batch = {
    id,
    accountId: 1,
    total: 3,
    parts: 1,
    sender: "S",
    body: "x",
    callback: URL,
    endpoint: ENDPOINT,
    givenId: null,
  };
  await insertBatches(pool, [batch]);
  const messages = [1, 2, 3].map((number) =>
    message({ id: messageId(id, number), batchId: id, sender: null, body: null, callback: null, endpoint: null }),
  );
  await insertBundle(pool, { node: 0, accountId: 1, messages }, batch);
  const [one, two, three] = messagesOfBundle((await claimBundles(pool, 1, 1))[0]!);
  const { progress, finals } = rig(1);
  const common = { code: null, carrier: CARRIER } as const;
  const outcome = ({ id, bundled }: NonNullable<typeof one>) =>
    recordOutcome(progress, { id, state: SUBMITTED, ...common, carrierMessageIds: [id], bundled });
  await Promise.all([
    outcome(one!),
    outcome(two!),
    progress.recordReceipt(receiptOf(one!.id, DELIVERED, "00")),
    progress.recordReceipt(receiptOf(two!.id, FAILED, "22")),
  ]);
  await recordOutcome(progress, { ...three!, state: FAILED, code: "51", carrier: null, carrierMessageIds: [] });
  expect(finals.map(({ url, endpoint }) => [url, endpoint])).toEqual(Array(3).fill([URL, ENDPOINT]));
  const { rows } = await pool.query("SELECT delivered, failed FROM batch_count");
  expect(rows).toEqual([{ delivered: 1, failed: 2 }]);
  await pool.query("TRUNCATE node");
  expect(await freeOrphans(pool)).toEqual({ messages: 0, webhooks: 3 });
  expect((await claim(9)).map(({ url, message }) => [url, message?.batchId])).toEqual(Array(3).fill([URL, id]));
});

describe("a node dies between a message's end and its webhook's first try", () => {
  test("what had none is taken over once and told by the next; what the dead records late is dropped", async () => {
    const dead = await enterNode(pool, "elsewhere", 1);
    const finals = await final(dead, [message(), message(), message()]);
    await tried(dead, finals.slice(0, 1), OK);
    expect(await freeOrphans(pool)).toEqual({ messages: 0, webhooks: 0 });
    await pool.query("DELETE FROM node");
    expect(await freeOrphans(pool)).toEqual({ messages: 0, webhooks: 2 });
    expect(await freeOrphans(pool)).toEqual({ messages: 0, webhooks: 0 });
    expect(await counted("webhook_bundle")).toBe(0);
    const claimed = await claim(9);
    const said = { destination: "447700900123", state: DELIVERED, code: 0 };
    expect(claimed.map(({ id }) => id).sort()).toEqual(finals.slice(1).map(({ id }) => id));
    expect(claimed).toMatchObject(
      Array(2).fill({ url: URL, endpoint: ENDPOINT, tries: 0, retry: false, message: said }),
    );
    // Beside one that nobody has taken over, in one flush.
    const own = await final(dead, [message()]);
    expect(await tried(dead, [...finals.slice(1), ...own], OK)).toEqual([false, false, true]);
    const rows = await hooks();
    expect(rows.map(({ state, tries, leased_by }) => [state, tries, leased_by])).toEqual([
      [1, 1, 0],
      [0, 0, 9],
      [0, 0, 9],
      [1, 1, 0],
    ]);
    expect(await counted("webhook_bundle")).toBe(0);
    expect(await tried(dead, finals.slice(1), DOWN)).toEqual([false, false]);
  });

  test("what it recorded at the last moment stays recorded", async () => {
    const dead = await enterNode(pool, "elsewhere", 1);
    const finals = await final(dead, [message(), message()]);
    await pool.query("DELETE FROM node");
    const both = await Promise.all([freeOrphans(pool), tried(dead, finals, OK)]);
    const recorded = both[1].filter((one) => one === true).length;
    expect({
      webhooks: both[0].webhooks,
      webhook: await counted("webhook"),
      webhook_bundle: await counted("webhook_bundle"),
    }).toEqual({ webhooks: 2 - recorded, webhook: 2, webhook_bundle: 0 });
    expect(await counted("webhook WHERE state = 1")).toBe(recorded);
    expect(await freeOrphans(pool)).toEqual({ messages: 0, webhooks: 0 });
  });

  test("one that leaves in order gives them rows", async () => {
    const node = await enterNode(pool, "here", 1);
    await final(node, [message(), message()]);
    await leaveNode(pool, node);
    expect({ webhook_bundle: await counted("webhook_bundle"), claimed: (await claim(9)).length }).toEqual({
      webhook_bundle: 0,
      claimed: 2,
    });
    expect(await claimMessages(pool, 9, 500, 500)).toEqual([]);
  });
});

test("what is given back waits to be claimed, whether it had a row or not", async () => {
  const finals = await final(1, [message(), message(), message()]);
  await tried(1, finals.slice(0, 1), DOWN, Date.now() - 1);
  const [claimed] = await claim(1);
  await releaseWebhooks(pool, [buffered(finals[1]!), { ...claimed!, bundle: undefined }], 1);
  expect({ webhook_bundle: await counted("webhook_bundle"), left: finals[2]!.bundle!.left }).toEqual({
    webhook_bundle: 1,
    left: 1,
  });
  await releaseWebhooks(pool, [buffered(finals[2]!)], 1);
  expect(await counted("webhook_bundle")).toBe(0);
  const again = await claim(9);
  expect(again.map(({ id, tries }) => [id, tries]).sort()).toEqual(
    finals.map(({ id }, index) => [id, index === 0 ? 1 : 0]),
  );
});

test("what did not come into hand is found and given a row; what is in memory is left", async () => {
  const finals = await final(3, [message(), message()]);
  let now = Date.now();
  let found = 0;
  const lost = new LostHandOffs({
    pool,
    log: createLog({ level: "silent", name: "test", readable: false }),
    clock: { now: () => now },
    node: () => 3,
    buffered: { messages: () => false, webhooks: (id) => id === finals[0]!.id },
    onFound: () => found++,
  });
  for (const later of [0, LOST_MS + 1_000, LOST_MS + 1_000]) {
    expect({ webhook: await counted("webhook"), found }).toEqual({ webhook: 0, found: 0 });
    now += later;
    await lost.look();
  }
  expect({ hooks: (await hooks()).map(({ id, leased_by }) => ({ id, leased_by })), found }).toEqual({
    hooks: [{ id: finals[1]!.id, leased_by: 0 }],
    found: 1,
  });
  expect(await counted("webhook_bundle")).toBe(1);
  await tried(3, finals.slice(0, 1), OK);
  now += LOST_MS;
  await lost.look();
  expect({ webhook_bundle: await counted("webhook_bundle"), found }).toEqual({ webhook_bundle: 0, found: 1 });
});
