import { beforeEach, expect, test } from "vitest";
import { batchOf, messageId, newBatchId } from "../../src/message/id.ts";
import { DELIVERED, SUBMITTED } from "../../src/message/lifecycle.ts";
import { insertBundle, insertPlainBundle, messagesOfBundle } from "../../src/store/messages/bundles.ts";
import { insertBatches } from "../../src/store/messages/insert-batches.ts";
import type { NewMessage } from "../../src/store/messages/insert-messages.ts";
import { CARRIER, receiptOf, recordOutcome } from "../support/progress.ts";
import { emptyTables, message, pool, rig, URL } from "./webhook-bundles-rig.ts";

beforeEach(emptyTables);

/** Enough for twenty pages and more. */
const MANY = 600;

/** The page of each row, by its id. */
async function pages(): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ id: string; page: string }>(
    "SELECT id, tableoid::text || split_part(ctid::text, ',', 1) AS page FROM message",
  );
  return new Map(rows.map(({ id, page }) => [id, page]));
}

async function single(): Promise<{ id: string; text: string; count: number; batch: null }> {
  const messages = Array.from({ length: MANY }, () => message({ sender: "Bench", body: "Your code is 123456" }));
  const bundle = await insertPlainBundle(pool, { node: 1, accountId: 0, messages }, [1]);
  return { ...bundle!, batch: null };
}

async function batched() {
  const id = newBatchId(Date.now());
  const shared = { accountId: 1, parts: 1, sender: "Bench", body: "Hello", callback: URL, endpoint: 7, givenId: null };
  await insertBatches(pool, [{ ...shared, id, total: MANY }]);
  const own = { batchId: id, sender: null, body: null, callback: null, endpoint: null };
  const messages: NewMessage[] = Array.from({ length: MANY }, (_, index) =>
    message({ id: messageId(id, index + 1), ...own }),
  );
  expect(messages.every((one) => batchOf(one.id) === id)).toBe(true);
  return insertBundle(pool, { node: 1, accountId: 1, messages }, shared);
}

test.each([
  ["single messages", single],
  ["messages of a batch", batched],
])("receipts leave rows in their pages: %s", async (_, accept) => {
  const bundle = await accept();
  const { progress, finals } = rig(1);
  const sent = messagesOfBundle(bundle);
  const at = Date.now();
  await Promise.all(
    sent.map(({ id, bundled }) =>
      recordOutcome(progress, {
        id,
        state: SUBMITTED,
        code: null,
        carrier: CARRIER,
        carrierMessageIds: [id.slice(0, 8) + id.slice(-8)],
        bundled,
        events: `s${at.toString(36)}\t2s`,
      }),
    ),
  );
  const before = await pages();
  await Promise.all(
    sent.map(({ id }) => {
      const carrierId = id.slice(0, 8) + id.slice(-8);
      const text = `id:${carrierId} sub:001 dlvrd:001 submit date:2611230900 done date:2611230901 stat:DELIVRD err:000 text:Your code is 123456`;
      const receipt = receiptOf(carrierId, DELIVERED, "00");
      return progress.recordReceipt({ ...receipt, said: { ...receipt.said, error: "000", text } });
    }),
  );
  const after = await pages();
  const moved = [...before].filter(([id, page]) => after.get(id) !== page).length;
  // The last row of a page may find no room: PostgreSQL 15 moved one of 600 once.
  const most = MANY / 100;
  expect({ rows: before.size, final: finals.length, kept: moved <= most }).toEqual({
    rows: MANY,
    final: MANY,
    kept: true,
  });
});
