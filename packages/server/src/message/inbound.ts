import type { Channel } from "./channel.ts";

/** The content of a handset's message over RCS: beside `type`, the platform's own fields. */
export interface RcsAnswer {
  type: "text" | "suggestion" | "file" | "location";
  [field: string]: unknown;
}

/** A message from a handset as it was passed on. */
export interface InboundMessage {
  id: string;
  receivedAt: Date;
  /** Digits. */
  handset: string;
  /** Digits; over RCS the sender of the message that it answers, or the agent's id. */
  number: string;
  message: string;
  /** Null over SMS. */
  rcs: RcsAnswer | null;
  /** The account's latest message from the number to the handset, and its batch, under the caller's identifiers. */
  batchId: string | null;
  messageId: string | null;
}

/** The body of an inbound webhook, and an item of `GET /inbound`. */
export interface InboundBody {
  account_uuid: string;
  batch_uuid: string | null;
  message_uuid: string | null;
  mo_uuid: string;
  channel: Channel;
  message: string;
  /** ISO 8601 with milliseconds and `Z`. */
  at: string;
  /** The handset, which fits a number: at most 15 digits. */
  from: number;
  to: string;
  /** Of one over RCS. */
  rcs?: RcsAnswer;
}

export function inboundBody(accountIdentifier: string, inbound: InboundMessage): InboundBody {
  return {
    account_uuid: accountIdentifier,
    batch_uuid: inbound.batchId,
    message_uuid: inbound.messageId,
    mo_uuid: inbound.id,
    channel: inbound.rcs === null ? "sms" : "rcs",
    message: inbound.message,
    at: inbound.receivedAt.toISOString(),
    from: Number(inbound.handset),
    to: inbound.number,
    ...(inbound.rcs === null ? {} : { rcs: inbound.rcs }),
  };
}
