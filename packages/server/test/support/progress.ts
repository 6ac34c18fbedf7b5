import type pg from "pg";
import { messageId, newBatchId } from "../../src/message/id.ts";
import type { FinalState } from "../../src/message/lifecycle.ts";
import { Ends } from "../../src/receipt/ends.ts";
import { Progress } from "../../src/receipt/progress.ts";
import type { Receipt } from "../../src/receipt/receipt.ts";
import { createLog } from "../../src/runtime/log.ts";
import type { FinalRow, WebhookLease } from "../../src/store/messages/finals.ts";
import { insertMessages, insertPlannedMessages, type NewMessage } from "../../src/store/messages/insert-messages.ts";
import type { SubmitOutcome } from "../../src/store/messages/submit-outcome.ts";
import { Partitions } from "../../src/store/upkeep/partition-names.ts";

export const DESTINATION = "447700900123";

export const CARRIER = 1;

/** A receipt that names the submit's answer as it was. */
export function receiptOf(carrierMessageId: string, state: FinalState, code: string): Receipt {
  return {
    carrier: CARRIER,
    carrierMessageId,
    spellings: () => [{ id: carrierMessageId, form: "exact" }],
    destination: DESTINATION,
    numbers: () => [DESTINATION],
    state,
    said: { at: Date.now(), state: "delivered", error: null, text: null, doneAt: null },
    code,
    longMessageReceipts: "all",
  };
}

/** What moves messages on in one program. `lease` is for the webhooks: this node takes all, unless told. */
export function progressOf(
  pool: pg.Pool,
  node: number,
  lease: WebhookLease = { node, full: [] },
  partitions = new Partitions(),
) {
  const finals: FinalRow[] = [];
  const counts = { fallenBack: 0 };
  const common = { pool, partitions, clock: { now: () => Date.now() }, node: () => node };
  const ends = new Ends({
    ...common,
    receiptMargin: 3_600,
    webhookLease: async () => lease,
    onLeaseEnd: () => {},
    onFinals: (rows) => void finals.push(...rows),
    onFallBack: () => void counts.fallenBack++,
  });
  const progress = new Progress({
    ...common,
    log: createLog({ level: "silent", name: "test", readable: false }),
    maxAgeMs: 86_400_000,
    ends,
    onIdForm: () => {},
    onUnmatched: () => {},
    onIntermediates: () => {},
  });
  return { finals, counts, ends, progress };
}

/** Resolves once the outcome is committed; false where the message was not this node's any more. */
export function recordOutcome(progress: Progress, outcome: SubmitOutcome): Promise<boolean> {
  return new Promise((resolve, reject) => {
    progress.pushOutcome(outcome, (recorded) => (recorded instanceof Error ? reject(recorded) : resolve(recorded)));
  });
}

/** Stores a message as accept does; answers its id. */
export async function accepted(pool: pg.Pool, message: Partial<NewMessage>): Promise<string> {
  const id = messageId(newBatchId(Date.now()), 1);
  const rest = { batchId: null, givenId: null, sender: "MyShop", body: "x", callback: null, endpoint: null };
  const usual = { id, accountId: 1, destination: DESTINATION, parts: 1, receiptBy: null, leasedBy: 0, ...rest };
  const isPlain = message.plan === undefined && message.coded === undefined;
  const insert = isPlain ? insertMessages : insertPlannedMessages;
  await insert(pool, [{ ...usual, expiresAt: Date.now() + 60_000, ...message }]);
  return id;
}

export async function stateOf(pool: pg.Pool, id: string): Promise<{ state: number; code: number | null }> {
  const text = "SELECT state, code FROM message WHERE id = $1";
  return (await pool.query<{ state: number; code: number | null }>(text, [id])).rows[0]!;
}
