import { USUAL_CHANNEL } from "../message/channel.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import type { Queueable } from "./fair-queue.ts";

/** Its validity ended before a carrier took it. */
const TIME_TO_LIVE = "51";
/** Sent, and whether it arrived is not known. */
export const OUTCOME_UNKNOWN = "7A";

/** A message in memory that is to be submitted. */
export interface Queued extends Queueable {
  /** The same object for as long as it is in memory: carriers know it again by that. */
  message: WaitingMessage;
  /** What it fails with if its validity ends before a carrier takes it. */
  codeWhenOver: string;
  /** Submits of it whose answer never came. */
  uncertain: number;
  /** A carrier has some of its parts. */
  partly: boolean;
  /** Numbers of carriers that refused it for good. */
  refusedBy?: ReadonlySet<number>;
  /** Those, and the ones that would not have it for now and are not to be asked before the others were. */
  been?: ReadonlySet<number>;
  /** Where another channel is to be tried after this one: when this one's receipt is given up, in epoch milliseconds. */
  receiptBy?: number;
  /** Counts how often everything was let go of before it was taken. */
  hand: number;
}

/** The message is not copied: that took 1.4 µs each, a fifth of what sending costs here. */
export function queued(message: WaitingMessage, hand: number): Queued {
  const begun = message.begun !== undefined;
  const codeWhenOver = begun ? OUTCOME_UNKNOWN : TIME_TO_LIVE;
  return {
    accountId: message.accountId,
    place: 0,
    message,
    codeWhenOver,
    uncertain: begun ? 1 : 0,
    partly: false,
    hand,
  };
}

/** When the message is over here: its validity, or the time of its channel. Epoch milliseconds. */
export function untilOf({ message }: Queued): number {
  return message.deliverBy ?? message.expiresAt;
}

export function hasFallback({ plan }: WaitingMessage): boolean {
  return plan !== undefined && plan.fallback !== null;
}

/** The message as it goes by its next channel. */
export function atFallback({ plan, deliverBy: _, begun: __, said: ___, ...message }: WaitingMessage): WaitingMessage {
  return { ...message, plan: { channel: plan?.fallback ?? USUAL_CHANNEL, fallback: null } };
}
