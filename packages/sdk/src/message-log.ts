import type { Time } from "./api.ts";
import type { Channel } from "./messages.ts";
import type { RichContent } from "./rich-content.ts";

export type MessageState = "accepted" | "submitted" | "delivered" | "failed";

/** All conditions must hold. */
export interface MessageFilter {
  /** A number, or at least its last six digits: `*123456`. */
  to?: string | undefined;
  /** The sender. */
  from?: string | undefined;
  state?: MessageState | MessageState[] | undefined;
  /** A receipt code. */
  code?: string | undefined;
  /** The current or last channel. */
  channel?: Channel | undefined;
  /** A carrier's id; with an organization's key or the operator's. */
  carrier?: string | undefined;
  /** An identifier, the caller's or ours. */
  batch?: string | undefined;
  /** An account's identifier. */
  account?: string | undefined;
  /** Accepted at this time or later. */
  since?: Time | undefined;
  /** Accepted before this time. */
  until?: Time | undefined;
}

export interface MessageItem {
  message_uuid: string;
  batch_uuid: string;
  /** With `+`; null once erased. */
  to: string | null;
  from: string | null;
  channel: Channel;
  /** Null once erased. */
  body: string | null;
  parts: number;
  state: MessageState;
  /** The receipt code; null until it is known. */
  code: string | null;
  description: string | null;
  accepted_at: string;
  submitted_at: string | null;
  final_at: string | null;
  callback: string | null;
  /** With an organization's key or the operator's. */
  account_uuid?: string;
  /** With an organization's key or the operator's: the current or last carrier. */
  carrier?: string | null;
}

/** An event in a message's life, with the fields of its kind. */
export type MessageEvent = { at: string } & (
  | { kind: "accepted"; via: "http" | "smpp" }
  | { kind: "released" }
  | {
      kind: "submitted";
      carrier: string | null;
      /** From 1. */
      part: number;
      carrier_message_id: string | null;
      /** Until the carrier's answer. */
      seconds: number;
    }
  | {
      kind: "refused";
      carrier: string | null;
      part: number;
      /** The carrier's status by its name; null if the message could not be written for it. */
      status: string | null;
      code: string | null;
      then: "fail" | "later" | "carrier" | "channel";
    }
  | { kind: "uncertain"; carrier: string | null }
  | {
      kind: "receipt";
      carrier: string | null;
      part: number | null;
      state: string;
      error: string | null;
      /** As the carrier sent it. */
      text: string | null;
      done_at: string | null;
      applied: boolean;
      /** Why it changed nothing. */
      why: "intermediate" | "late" | "repeated" | null;
    }
  | { kind: "fallback"; from: Channel; to: Channel }
  | { kind: "delivered"; code: string; description: string }
  | { kind: "failed"; code: string; description: string }
  | {
      kind: "webhook";
      attempt: number;
      url: string;
      status: number | null;
      fault: string | null;
      seconds: number;
    }
);

/** Why a message is not final yet. */
export interface MessageWaiting {
  why: "no-link" | "window" | "throughput" | "slowed" | "queue" | "receipt" | "disk" | "store";
  since: string;
  /** When the program gives up; null if that is unknown. */
  until: string | null;
  /** Of `queue`: the number of messages before it. */
  ahead?: number;
}

export interface MessageStory extends MessageItem {
  /** What RCS shows in place of the text, if there is any. */
  rcs?: RichContent;
  /** Oldest first. */
  events: MessageEvent[];
  /** Null once it is final. */
  waiting: MessageWaiting | null;
}

/** Milliseconds between two looks at what is not final yet. */
export const LOOK_MS = 1_000;

/** Options of `messages.final` and `batches.final`. */
export interface FinalOptions {
  /** Milliseconds between two requests; default 1,000. */
  everyMs?: number | undefined;
  /** Aborts the wait: it rejects with the signal's reason. `AbortSignal.timeout(60_000)` waits a minute at most. */
  signal?: AbortSignal | undefined;
}

export interface BatchFilter {
  /** The sender. */
  from?: string | undefined;
  since?: Time | undefined;
  until?: Time | undefined;
}

/** A batch, or a message that is a batch of its own. */
export interface BatchItem {
  identifier: string;
  /** When it was accepted; of a pending one, when it will be sent. */
  at: string;
  from: string | null;
  messagecount: number;
  /** The parts of each of its messages. */
  unitcount: number;
  delivered: number;
  failed: number;
  state: "pending" | "sending" | "done";
  /** With an organization's key or the operator's. */
  account_uuid?: string;
}
