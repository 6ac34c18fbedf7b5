import { afterAll, describe, expect, test } from "vitest";
import { codeNumber } from "../../src/message/code-number.ts";
import { DELIVERED, FAILED, SUBMITTED } from "../../src/message/lifecycle.ts";
import type { Receipt } from "../../src/receipt/receipt.ts";
import { ownLostReceipts } from "../../src/store/messages/lost-receipts.ts";
import { testDatabase } from "../support/database.ts";
import { accepted, CARRIER, progressOf, receiptOf, recordOutcome, stateOf } from "../support/progress.ts";
import { until } from "../support/until.ts";

const plan = { channel: "rcs", fallback: "sms" } as const;

const { pool, close } = await testDatabase();
afterAll(close);

function receipt(carrierMessageId: string, state: typeof DELIVERED | typeof FAILED): Receipt {
  return receiptOf(carrierMessageId, state, state === DELIVERED ? "00" : "46");
}

/** A message of two channels that its first one has; answers its id, which is also the carrier's. */
async function submitted(expiresAt = Date.now() + 60_000): Promise<string> {
  const { progress } = progressOf(pool, 1);
  const id = await accepted(pool, { leasedBy: 1, plan, expiresAt });
  const outcome = { id, state: SUBMITTED, code: null, carrier: CARRIER, carrierMessageIds: [id] } as const;
  expect(await recordOutcome(progress, { ...outcome, receiptBy: Date.now() + 10_000 })).toBe(true);
  return id;
}

async function channelsOf(id: string) {
  const text = `SELECT channel, fallback, carrier, carrier_message_id, leased_by,
                       next_at IS NOT NULL AS waits, receipt_by = expires_at + interval '1 hour' AS whole
                FROM message WHERE id = $1`;
  return (await pool.query(text, [id])).rows[0];
}

const AT_SMS = { channel: null, fallback: null, carrier: null, carrier_message_id: null, leased_by: 0, waits: true };

describe("a submitted message of two channels", () => {
  test("waits at the second once the first one failed, and nobody is told of it", async () => {
    const { progress, finals, counts } = progressOf(pool, 1);
    const id = await submitted();
    await progress.recordReceipt(receipt(id, FAILED));
    expect(await stateOf(pool, id)).toEqual({ state: 0, code: null });
    expect(await channelsOf(id)).toEqual({ ...AT_SMS, whole: true });
    expect(finals).toEqual([]);
    await until("the wake-up", () => counts.fallenBack === 1);
    // What the first channel says now finds nothing, and is kept as of an unknown message.
    await progress.recordReceipt(receipt(id, DELIVERED));
    expect((await stateOf(pool, id)).state).toBe(0);
  });

  test("has one end or goes on, whatever two programs hear at once", async () => {
    for (let round = 0; round < 20; round++) {
      const [one, other] = [progressOf(pool, 1), progressOf(pool, 2)];
      const id = await submitted();
      await Promise.all([
        one.progress.recordReceipt(receipt(id, FAILED)),
        other.progress.recordReceipt(receipt(id, round % 2 === 0 ? FAILED : DELIVERED)),
        one.progress.recordReceipt(receipt(id, FAILED)),
      ]);
      const { state } = await stateOf(pool, id);
      const finals = [...one.finals, ...other.finals].map((final) => final.id);
      expect({ state, finals }).toEqual(
        state === DELIVERED ? { state: DELIVERED, finals: [id] } : { state: 0, finals: [] },
      );
      if (state === 0) expect(await channelsOf(id)).toMatchObject(AT_SMS);
    }
  });

  test("goes on where its failure is heard in the flush of its outcome", async () => {
    const { progress, finals } = progressOf(pool, 1);
    const id = await accepted(pool, { leasedBy: 1, plan });
    await Promise.all([
      recordOutcome(progress, {
        id,
        state: SUBMITTED,
        code: null,
        carrier: CARRIER,
        carrierMessageIds: [id],
        receiptBy: Date.now() + 10_000,
      }),
      progress.recordReceipt(receipt(id, FAILED)),
    ]);
    expect(await channelsOf(id)).toMatchObject(AT_SMS);
    expect(finals).toEqual([]);
  });

  test("fails with its first channel's code where there is no time left for the second", async () => {
    const { progress, finals } = progressOf(pool, 1);
    const id = await submitted();
    await pool.query("UPDATE message SET expires_at = now() WHERE id = $1", [id]);
    await progress.recordReceipt(receipt(id, FAILED));
    expect(finals).toMatchObject([{ id, state: FAILED, code: codeNumber("46") }]);
  });

  test("is given up at its channel's time, and where that came too late for the second, when all receipts are", async () => {
    const id = await submitted();
    const isLost = async (set: string) => {
      await pool.query(`UPDATE message SET ${set} WHERE id = $1`, [id]);
      return (await ownLostReceipts(pool, 60, 1_000)).filter((lost) => lost.id === id);
    };
    const lost = [{ id, code: null, fallback: true }];
    expect(await isLost("receipt_by = now() + interval '1 minute'")).toEqual([]);
    expect(await isLost("receipt_by = now() - interval '1 second'")).toEqual(lost);
    expect(await isLost("expires_at = now() - interval '30 seconds'")).toEqual([]);
    expect(await isLost("expires_at = now() - interval '61 seconds'")).toEqual(lost);
  });
});
