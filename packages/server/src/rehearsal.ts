import type { Pool } from "pg";
import { messageId, newBatchId } from "./message/id.ts";
import { DELIVERED, SUBMITTED } from "./message/state.ts";
import { asError } from "./runtime/errors.ts";
import type { Logger } from "./runtime/log.ts";
import { rehearsed } from "./store/database.ts";
import type { Partitions } from "./store/partition-names.ts";
import { recordAttempts } from "./store/record-attempts.ts";
import { recordFirstOutcomes } from "./store/record-first-outcomes.ts";
import { recordReceipts } from "./store/record-receipts.ts";

/** The lines of outcomes and of tries, and one for what else there is. */
const CONNECTIONS = 3;
const NOBODY = { worker: 0, full: [] };

/** Has the statements of every message planned on connections to the store before there is one. Leaves nothing there. */
export async function rehearseFlow(pool: Pool, partitions: Partitions, log: Logger): Promise<void> {
  const message = {
    id: messageId(newBatchId(Date.now()), 1),
    accountId: 0,
    destination: "447700900000",
    parts: 1,
    expiresAt: Date.now(),
    sender: "Rehearsal",
    body: "x",
    callback: "http://localhost/",
    endpoint: 0,
  };
  const { id, destination } = message;
  const unwritten = { lot: { id, left: 1 }, message, batch: null };
  const outcome = { id, state: SUBMITTED, carrier: 0, carrierMessageId: id, code: null, unwritten };
  const receipt = { carrier: 0, carrierMessageId: id, destination, state: DELIVERED, code: 0 };
  const attempt = { accountId: 0, id, state: 1, nextAt: null, attempt: "{}" };
  try {
    await rehearsed(pool, CONNECTIONS, async (client) => {
      await recordFirstOutcomes(client, partitions, [outcome], [], [], 0, NOBODY, true);
      await recordReceipts(client, partitions.recent("message", Date.now(), Date.now()), [receipt], 0, NOBODY);
      await recordAttempts(client, partitions, [attempt], 0);
    });
  } catch (error) {
    log.debug({ err: asError(error) }, "the rehearsal was broken off");
  }
}
