import type { FinalRow } from "../store/messages/finals.ts";
import type { WaitingWebhook } from "../store/webhooks/claim-webhooks.ts";
import type { AttemptOutcome } from "./client/outcome.ts";

/** Makes spans of tries. */
export interface TriesTracing {
  /** Adds the next try's span to its header. */
  addTraceparent(webhook: Webhook, headers: Record<string, string>): void;
  /** @param startedAt epoch milliseconds */
  attempt(webhook: Webhook, startedAt: number, outcome: AttemptOutcome): void;
}

/** A webhook in memory. */
export interface Webhook extends WaitingWebhook {
  origin: string;
  /** Of a message that has just become final here: the message, and the time, in epoch milliseconds. */
  final?: FinalRow;
  finalAt?: number;
}
