import type { WaitingWebhook } from "../store/webhooks/claim-webhooks.ts";

/** A webhook in memory. */
export interface Webhook extends WaitingWebhook {
  origin: string;
}
