import type { FinalRow } from "../store/messages/finals.ts";
import type { WaitingWebhook } from "../store/webhooks/claim-webhooks.ts";

/** A webhook in memory. */
export interface Webhook extends WaitingWebhook {
  origin: string;
  /** Of a message that has just become final here: the message, and the time, in epoch milliseconds. */
  final?: FinalRow;
  finalAt?: number;
}
