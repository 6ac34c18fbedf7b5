import { messageState } from "@messaging-plus/smpp";
import { endpointNumber } from "../message/endpoint.ts";
import { messageId, newBatchId } from "../message/id.ts";
import { originOfText, originText, SMPP_UNTOLD, smppUrl } from "../message/smpp-origin.ts";
import type { ReceiptState } from "../message/story.ts";
import { KIND_LETTERS } from "../message/webhook.ts";
import type { Database } from "../store/database.ts";
import { findCallbacks } from "../store/messages/find-callbacks.ts";
import { insertWebhooks } from "../store/webhooks/insert-webhooks.ts";

/** A carrier's word on a message that is not its last. */
export interface Intermediate {
  /** The message. */
  id: string;
  state: ReceiptState;
}

/** SMPP 3.4 §5.2.28. */
const STATES: Partial<Record<ReceiptState, number>> = {
  enroute: messageState.ENROUTE,
  accepted: messageState.ACCEPTED,
};

/**
 * Stores the notifications that customers asked for with their submits (registered_delivery 0x10, SMPP 3.4 §5.2.17), to be
 * told as receipts are. Returns how many.
 */
export async function storeIntermediates(db: Database, said: readonly Intermediate[], now: number): Promise<number> {
  const callbacks = await findCallbacks(db, said, SMPP_UNTOLD);
  const byMessage = new Map(callbacks.map((callback) => [callback.id, callback]));
  const flush = newBatchId(now);
  const webhooks = said.flatMap(({ id, state }, index) => {
    const found = byMessage.get(id);
    if (found === undefined) return [];
    const { accountId, callback } = found;
    const origin = originOfText(callback);
    return [
      {
        id: messageId(flush, index + 1),
        accountId,
        kind: KIND_LETTERS.intermediate,
        url: originText({ ...origin, state: STATES[state] ?? messageState.UNKNOWN }),
        endpoint: endpointNumber(accountId, smppUrl(origin.systemId)),
        body: id,
      },
    ];
  });
  if (webhooks.length > 0) await insertWebhooks(db, webhooks);
  return webhooks.length;
}
