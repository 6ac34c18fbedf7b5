import { Rejected } from "../runtime/errors.ts";
import { lockAccountStates } from "../store/accounts/account-states.ts";
import { refundAccount } from "../store/accounts/refund-account.ts";
import { type Connections, transaction } from "../store/database.ts";
import { batchStatus } from "../store/messages/batch-status.ts";
import { cancelPendingBatch } from "../store/messages/pending-batches.ts";
import { takeOutOfPending } from "../store/messages/take-out-of-pending.ts";

/**
 * Cancels a scheduled batch and frees its credits. Either this or the release locks its row, so that exactly one of the two
 * has the batch, and all of it.
 * @returns the identifier under which the account knows it
 * @throws Rejected `not-found`; `batch-not-pending` if it is being sent or was
 */
export async function cancelBatch(pool: Connections, accountId: number, identifier: string): Promise<string> {
  return transaction(pool, async (client) => {
    // The account before the batch: a deactivation locks them in this order.
    await lockAccountStates(client, [accountId]);
    const status = await batchStatus(client, accountId, identifier);
    if (status === null) throw new Rejected("not-found", "There is no such batch.");
    const cancelled = await cancelPendingBatch(client, accountId, status.id);
    if (cancelled === null) throw new Rejected("batch-not-pending", "The batch is being sent, or was.");
    const { visibleId, cost } = cancelled;
    if (cost > 0) await refundAccount(client, accountId, [cancelled]);
    return visibleId;
  });
}

/**
 * Cancels the message to one handset of a batch that is held, unless it is made already, and frees its credits. Resolves with
 * whether it did.
 * @param batchId the batch's own identifier
 * @param handset digits
 */
export async function cancelScheduled(
  pool: Connections,
  accountId: number,
  batchId: string,
  handset: string,
): Promise<boolean> {
  return transaction(pool, async (client) => {
    // The account before the batch, as above.
    await lockAccountStates(client, [accountId]);
    const taken = await takeOutOfPending(client, batchId, handset);
    if (taken === null) return false;
    if (taken.cost > 0) await refundAccount(client, accountId, [taken]);
    return true;
  });
}
