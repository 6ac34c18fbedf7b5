/** A message from a handset as it was passed on. */
export interface InboundMessage {
  id: string;
  receivedAt: Date;
  /** Digits, as the following. */
  handset: string;
  number: string;
  message: string;
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
  channel: "sms";
  message: string;
  /** ISO 8601 with milliseconds and `Z`. */
  at: string;
  /** The handset, which fits a number: at most 15 digits. */
  from: number;
  to: string;
}

export function inboundBody(accountIdentifier: string, inbound: InboundMessage): InboundBody {
  return {
    account_uuid: accountIdentifier,
    batch_uuid: inbound.batchId,
    message_uuid: inbound.messageId,
    mo_uuid: inbound.id,
    channel: "sms",
    message: inbound.message,
    at: inbound.receivedAt.toISOString(),
    from: Number(inbound.handset),
    to: inbound.number,
  };
}
