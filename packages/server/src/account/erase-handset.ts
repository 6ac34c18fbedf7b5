import { normaliseMsisdn } from "../message/msisdn.ts";
import { listAccounts } from "../store/accounts/accounts.ts";
import { answersNaming, replaceAnswer } from "../store/accounts/idempotency-answers.ts";
import type { Connections } from "../store/database.ts";
import { type ErasureTarget, eraseFinal, markForErasure } from "../store/handsets/erase-final.ts";
import {
  bundledTo,
  deletePartsFrom,
  type HistoryPage,
  inboundFrom,
  messagesTo,
} from "../store/handsets/handset-history.ts";
import type { PendingPlace } from "../store/messages/pending-batches.ts";
import { pendingBatchesTo } from "../store/messages/take-out-of-pending.ts";
import { cancelScheduled } from "./cancel.ts";

/** The result of an erasure. */
export interface Erasure {
  /** Erased messages to the handset, and deleted messages from it. */
  messages: number;
  inbound: number;
  /** Scheduled messages, which are not sent. */
  scheduled: number;
  /** Messages that are under way, or whose webhook is: erased as soon as that has ended. */
  pending: number;
}

const BEGINNING = "00000000-0000-0000-0000-000000000000";
const STEP = 1_000;

/**
 * Erases a handset from an organization's accounts: texts and addresses go, counts and codes stay. Scheduled messages are
 * not sent; messages under way go on, and are erased once they have ended. Every step is a transaction of its own, and all
 * of it may be repeated.
 * @param handset digits
 */
export async function eraseHandset(pool: Connections, organizationId: number, handset: string): Promise<Erasure> {
  const accountIds = (await listAccounts(pool, organizationId)).map(({ id }) => id);
  const erasure: Erasure = { messages: 0, inbound: 0, scheduled: 0, pending: 0 };
  const erase = async (targets: readonly ErasureTarget[]): Promise<void> => {
    for (let from = 0; from < targets.length; from += STEP) {
      const some = targets.slice(from, from + STEP);
      await markForErasure(pool, some);
      const { messages, inbound } = await eraseFinal(pool, some);
      erasure.messages += messages;
      erasure.inbound += inbound;
      erasure.pending += some.length - messages - inbound;
    }
  };
  for (const accountId of accountIds) {
    // Scheduled messages first: one that is released meanwhile is found below.
    await through<string, PendingPlace | null>(
      null,
      (after) => pendingBatchesTo(pool, handset, accountId, after),
      async (batches) => {
        for (const batch of batches) {
          if (await cancelScheduled(pool, accountId, batch, handset)) erasure.scheduled++;
        }
      },
    );
    await through(
      "",
      (after) => answersNaming(pool, accountId, handset, after),
      async (answers) => {
        for (const { key, answer } of answers)
          await replaceAnswer(pool, accountId, key, answer, without(handset, answer));
      },
    );
    await through(BEGINNING, (after) => inboundFrom(pool, handset, accountId, after), erase);
  }
  await deletePartsFrom(pool, handset, organizationId, accountIds);
  const bundled = await bundledTo(pool, handset, accountIds);
  await erase(bundled);
  const counted = new Set(bundled.map(({ id }) => id));
  await through(
    BEGINNING,
    (after) => messagesTo(pool, handset, accountIds, after),
    (found) => erase(found.filter(({ id }) => !counted.has(id))),
  );
  return erasure;
}

/** Goes through a history from its beginning to its end. */
async function through<Found, Place>(
  beginning: Place,
  look: (after: Place) => Promise<HistoryPage<Found, NonNullable<Place>>>,
  work: (found: readonly Found[]) => Promise<void>,
): Promise<void> {
  for (let place = beginning; ; ) {
    const { found, next } = await look(place);
    await work(found);
    if (next === null) return;
    place = next;
  }
}

/** The stored answer of a request with an Idempotency-Key, without its messages to this handset. */
function without(handset: string, answer: string): string {
  const { messages, ...rest } = JSON.parse(answer) as { messages?: { to: string }[] };
  const kept = messages?.map((message) =>
    normaliseMsisdn(message.to) === handset ? { ...message, to: null, body: null, callback: undefined } : message,
  );
  return JSON.stringify({ ...rest, messages: kept });
}
