import type { IdempotentRequest } from "../store/accounts/idempotency-keys.ts";
import type { SharedLock } from "../store/handsets/shared-locks.ts";
import type { Bundle, BundleText } from "../store/messages/bundles.ts";
import type { NewBatch } from "../store/messages/insert-batches.ts";
import type { NewMessage } from "../store/messages/insert-messages.ts";
import type { NewPendingBatch } from "../store/messages/pending-batches.ts";
import type { GivenId } from "../store/messages/reserve-given-ids.ts";

/** One validated request in the form in which it is stored: whole or not at all. */
export interface Acceptance {
  accountId: number;
  /** Whether the account's messages are priced, as far as is known; the store decides. */
  priced: boolean;
  /** Null for messages that are batches of their own. */
  batch: NewBatch | null;
  messages: NewMessage[];
  /** The messages of a batch by SMS alone, by the rows that store them; empty if each message has its own. */
  bundles: AcceptedBundle[];
  /** Batches that wait for their `send_at`. */
  pending: NewPendingBatch[];
  givenIds: GivenId[];
  idempotency: IdempotentRequest | null;
  /** Numbers of the shared pool to lock with it; null if there are none. */
  sharedLocks: SharedLock[] | null;
}

export interface AcceptedBundle extends Bundle {
  /** Set when it is stored, if it is handed off. */
  text: BundleText | null;
}
