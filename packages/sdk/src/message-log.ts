import type { Time } from "./api.ts";
import type { Channel } from "./messages.ts";

export type MessageState = "accepted" | "submitted" | "delivered" | "failed";

/** All that it names holds of each message. */
export interface MessageFilter {
  /** A number, or its last digits, six at least: `*123456`. */
  to?: string | undefined;
  /** The sender. */
  from?: string | undefined;
  state?: MessageState | MessageState[] | undefined;
  /** A receipt code. */
  code?: string | undefined;
  /** The channel that it is at, or was last. */
  channel?: Channel | undefined;
  /** A carrier's id; with an organization's key or the operator's. */
  carrier?: string | undefined;
  /** An identifier, yours or ours. */
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
  /** With `+`; null where it was erased. */
  to: string | null;
  from: string | null;
  channel: Channel;
  /** Null where it was erased. */
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
  /** With an organization's key or the operator's: the carrier that has it, or had it last. */
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
      /** The carrier's status by its name; null where the message could not be written for it. */
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
      /** Why it moved nothing. */
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

/** Why a message that is not final is where it is. */
export interface MessageWaiting {
  why: "no-link" | "window" | "throughput" | "slowed" | "queue" | "receipt" | "disk" | "store";
  since: string;
  /** When it is given up; null where that is not known. */
  until: string | null;
  /** Of `queue`: messages that go before it. */
  ahead?: number;
}

export interface MessageStory extends MessageItem {
  /** Oldest first. */
  events: MessageEvent[];
  /** Null once it is final. */
  waiting: MessageWaiting | null;
}

/** Of `messages.final`. */
export interface FinalOptions {
  /** Milliseconds between two looks; 1,000 unless told. */
  everyMs?: number | undefined;
  /** Gives it up: it rejects with the signal's reason. */
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
  /** When it was accepted, or, while it is pending, when it is sent. */
  at: string;
  from: string | null;
  messagecount: number;
  /** The parts of each of its messages. */
  unitcount: number;
  delivered: number;
  failed: number;
  state: "pending" | "sending" | "done";
}
