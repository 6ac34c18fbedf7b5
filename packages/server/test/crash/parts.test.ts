import { afterAll, expect, test } from "vitest";
import { DELIVERED, FAILED, SUBMITTED } from "../../src/message/lifecycle.ts";
import type { Receipt } from "../../src/receipt/receipt.ts";
import { testDatabase } from "../support/database.ts";
import { accepted, CARRIER, progressOf, receiptOf, recordOutcome, stateOf } from "../support/progress.ts";

const { pool, close } = await testDatabase();
afterAll(close);

function submitted(id: string, name: string) {
  return {
    id,
    state: SUBMITTED,
    code: null,
    carrier: CARRIER,
    carrierMessageIds: [1, 2, 3].map((part) => `${name}-${part}`),
  } as const;
}

function receipt(carrierMessageId: string, state: typeof DELIVERED | typeof FAILED = DELIVERED): Receipt {
  return receiptOf(carrierMessageId, state, state === DELIVERED ? "00" : "31");
}

async function partsOf(id: string) {
  const text = "SELECT carrier_message_id AS id, state FROM message_part WHERE message_id = $1 ORDER BY part";
  return (await pool.query<{ id: string; state: number }>(text, [id])).rows;
}

test("what a node reports that has lost its message changes neither the message nor its parts", async () => {
  const [one, other] = [progressOf(pool, 1), progressOf(pool, 2)];
  const id = await accepted(pool, { parts: 3, leasedBy: 2 });
  expect(await recordOutcome(other.progress, submitted(id, "theirs"))).toBe(true);
  expect(await recordOutcome(one.progress, submitted(id, "late"))).toBe(false);
  expect((await partsOf(id)).map((part) => part.id)).toEqual(["theirs-1", "theirs-2", "theirs-3"]);
});

test("receipts of parts that come in on two programs at once make the message final, once", async () => {
  for (let round = 0; round < 20; round++) {
    const [one, other] = [progressOf(pool, 1), progressOf(pool, 2)];
    const id = await accepted(pool, { parts: 3, leasedBy: 1 });
    await recordOutcome(one.progress, submitted(id, `r${round}`));
    await Promise.all([
      one.progress.recordReceipt(receipt(`r${round}-1`)),
      other.progress.recordReceipt(receipt(`r${round}-2`)),
      one.progress.recordReceipt(receipt(`r${round}-3`)),
    ]);
    expect((await stateOf(pool, id)).state).toBe(DELIVERED);
    expect([...one.finals, ...other.finals].map((final) => final.id)).toEqual([id]);
  }
});

test("a receipt that meets an outcome which is not recorded is kept", async () => {
  const one = progressOf(pool, 1);
  const id = await accepted(pool, { parts: 3, leasedBy: 2 });
  await Promise.all([
    recordOutcome(one.progress, { ...submitted(id, "lost"), carrierMessageIds: ["lost-1"] }),
    one.progress.recordReceipt(receipt("lost-1", FAILED)),
  ]);
  expect((await stateOf(pool, id)).state).toBe(0);
  const { rows } = await pool.query("SELECT state FROM parked_receipt WHERE carrier_message_id = 'lost-1'");
  expect(rows).toEqual([{ state: FAILED }]);
});
