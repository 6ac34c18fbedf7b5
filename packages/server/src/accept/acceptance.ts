import type { IdempotentRequest } from "../store/accounts/idempotency-keys.ts";
import type { SharedLock } from "../store/handsets/shared-locks.ts";
import type { Bundle, BundleText } from "../store/messages/bundles.ts";
import type { NewBatch } from "../store/messages/insert-batches.ts";
import type { NewMessage } from "../store/messages/insert-messages.ts";
import type { NewPendingBatch } from "../store/messages/pending-batches.ts";
import type { GivenId } from "../store/messages/reserve-given-ids.ts";

/** One request, validated, as it is to be stored: whole or not at all. */
export interface Acceptance {
  accountId: number;
  /** Whether the account's messages are priced, as far as is known; the store has the last word. */
  priced: boolean;
  /** Null for messages that are batches of their own. */
  batch: NewBatch | null;
  messages: NewMessage[];
  /** The messages of a batch by SMS alone, by the rows that they are stored in; empty where each has one of its own. */
  bundles: AcceptedBundle[];
  /** Batches that are held for their time. */
  pending: NewPendingBatch[];
  givenIds: GivenId[];
  idempotency: IdempotentRequest | null;
  /** Numbers of the shared pool that are to be locked with it; null where there are none. */
  sharedLocks: SharedLock[] | null;
}

export interface AcceptedBundle extends Bundle {
  /** Once it is stored, where it is to be handed off. */
  text: BundleText | null;
}
