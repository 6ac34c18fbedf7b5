import type { Pool } from "pg";
import { messageId, newBatchId } from "../message/id.ts";
import { DELIVERED, SUBMITTED } from "../message/lifecycle.ts";
import { asError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import { warmUpConnections } from "../store/database.ts";
import { recordFirstOutcomes } from "../store/messages/record-first-outcomes.ts";
import { recordReceipts } from "../store/messages/record-receipts.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import { recordAttempts } from "../store/webhooks/record-attempts.ts";

/** The lines of outcomes and of tries, and one for what else there is. */
const CONNECTIONS = 3;
/** Nothing becomes final in it; so the statements are those of a node that takes all webhooks. */
const LEASE = { node: 1, full: [] };

/** Has the statements of every message planned on connections to the store before there is one. Leaves nothing there. */
export async function warmUpFlow(pool: Pool, partitions: Partitions, log: Logger): Promise<void> {
  const message = {
    id: messageId(newBatchId(Date.now()), 1),
    accountId: 0,
    destination: "447700900000",
    parts: 1,
    expiresAt: Date.now(),
    receiptBy: undefined,
    batchId: undefined,
    givenId: undefined,
    sender: "Warm-up",
    body: "x",
    callback: "http://localhost/",
    endpoint: 0,
  };
  const { id, destination } = message;
  const bundled = { bundle: { id, left: 1 }, message, batch: null };
  const outcome = { id, state: SUBMITTED, carrier: 0, carrierMessageId: id, code: null, events: "s", bundled };
  const receipt = { carrier: 0, carrierMessageId: id, destination, state: DELIVERED, code: 0, events: "d" };
  const webhook = { accountId: 0, id, url: message.callback, endpoint: 0 };
  const attempt = { ...webhook, state: 1, nextAt: null, attempt: "{}", bundle: { id, left: 1 } };
  try {
    await warmUpConnections(pool, CONNECTIONS, async (client) => {
      await recordFirstOutcomes(client, partitions, [outcome], [], [], 0, LEASE, true);
      await recordReceipts(client, partitions.recent("message", Date.now(), Date.now()), [receipt], 0, LEASE);
      await recordAttempts(client, partitions, [attempt], 0, [id]);
    });
  } catch (error) {
    log.debug({ err: asError(error) }, "the warm-up was broken off");
  }
}
