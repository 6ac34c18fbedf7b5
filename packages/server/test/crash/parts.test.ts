import { afterAll, expect, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { DELIVERED, FAILED, SUBMITTED } from "../../src/message/state.ts";
import { Progress, type Receipt } from "../../src/receipt/progress.ts";
import { createLog } from "../../src/runtime/log.ts";
import type { FinalRow } from "../../src/store/finals.ts";
import { insertMessages } from "../../src/store/insert-messages.ts";
import { Partitions } from "../../src/store/partition-names.ts";
import { testDatabase } from "../database.ts";

const CARRIER = 1;
const DESTINATION = "447700900123";

const { pool, close } = await testDatabase();
afterAll(close);

/** What moves messages on in one program. */
function programOf(worker: number) {
  const finals: FinalRow[] = [];
  const progress = new Progress({
    pool,
    partitions: new Partitions(),
    log: createLog({ level: "silent", name: "test", readable: false }),
    clock: { now: () => Date.now() },
    maxAgeMs: 86_400_000,
    worker: () => worker,
    webhookLease: () => ({ worker, full: [] }),
    onFinals: (rows) => void finals.push(...rows),
    onIdForm: () => {},
    onUnmatched: () => {},
  });
  return { finals, progress };
}

/** A message of three parts that a worker has in hand. */
async function accepted(leasedBy: number): Promise<string> {
  const id = messageId(newBatchId(Date.now()), 1);
  await insertMessages(pool, [
    {
      id,
      accountId: 1,
      destination: DESTINATION,
      parts: 3,
      expiresAt: Date.now() + 60_000,
      receiptBy: null,
      leasedBy,
      batchId: null,
      givenId: null,
      sender: "MyShop",
      body: "x",
      callback: null,
      endpoint: null,
    },
  ]);
  return id;
}

function submitted(id: string, name: string) {
  return {
    id,
    state: SUBMITTED,
    code: null,
    carrier: CARRIER,
    carrierIds: [1, 2, 3].map((part) => `${name}-${part}`),
  } as const;
}

function receipt(carrierMessageId: string, state: typeof DELIVERED | typeof FAILED = DELIVERED): Receipt {
  return {
    carrier: CARRIER,
    carrierMessageId,
    spellings: () => [{ id: carrierMessageId, form: "exact" }],
    destination: DESTINATION,
    state,
    code: state === DELIVERED ? "00" : "31",
    longMessageReceipts: "all",
  };
}

async function partsOf(id: string) {
  const text = "SELECT carrier_message_id AS id, state FROM message_part WHERE message_id = $1 ORDER BY part";
  return (await pool.query<{ id: string; state: number }>(text, [id])).rows;
}

async function stateOf(id: string): Promise<number> {
  return (await pool.query<{ state: number }>("SELECT state FROM message WHERE id = $1", [id])).rows[0]!.state;
}

test("what a worker reports that has lost its message changes neither the message nor its parts", async () => {
  const [one, other] = [programOf(1), programOf(2)];
  const id = await accepted(2);
  expect(await other.progress.recordOutcome(submitted(id, "theirs"))).toBe(true);
  expect(await one.progress.recordOutcome(submitted(id, "late"))).toBe(false);
  expect((await partsOf(id)).map((part) => part.id)).toEqual(["theirs-1", "theirs-2", "theirs-3"]);
});

test("receipts of parts that come in on two programs at once make the message final, once", async () => {
  for (let round = 0; round < 20; round++) {
    const [one, other] = [programOf(1), programOf(2)];
    const id = await accepted(1);
    await one.progress.recordOutcome(submitted(id, `r${round}`));
    await Promise.all([
      one.progress.recordReceipt(receipt(`r${round}-1`)),
      other.progress.recordReceipt(receipt(`r${round}-2`)),
      one.progress.recordReceipt(receipt(`r${round}-3`)),
    ]);
    expect(await stateOf(id)).toBe(DELIVERED);
    expect([...one.finals, ...other.finals].map((final) => final.id)).toEqual([id]);
  }
});

test("a receipt that meets an outcome which is not recorded is kept", async () => {
  const one = programOf(1);
  const id = await accepted(2);
  await Promise.all([
    one.progress.recordOutcome({ ...submitted(id, "lost"), carrierIds: ["lost-1"] }),
    one.progress.recordReceipt(receipt("lost-1", FAILED)),
  ]);
  expect(await stateOf(id)).toBe(0);
  const { rows } = await pool.query("SELECT state FROM parked_receipt WHERE carrier_message_id = 'lost-1'");
  expect(rows).toEqual([{ state: FAILED }]);
});
