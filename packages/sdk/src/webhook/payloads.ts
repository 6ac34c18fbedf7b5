import type { ReceiptCode } from "../batches.ts";

/** The final word on one message. Recognize repeats by `messageuuid`. */
export interface Receipt {
  /** The handset, with `+`. */
  destination: string;
  delivered: boolean;
  batchuuid: string;
  messageuuid: string;
  receiptInfo: ReceiptCode;
}

/** A message from a handset. Recognize repeats by `mo_uuid`. */
export interface InboundMessage {
  account_uuid: string;
  /** The account's latest message from that number to that handset, and its batch. */
  batch_uuid: string | null;
  message_uuid: string | null;
  mo_uuid: string;
  channel: "sms" | "rcs";
  /** Of a tap over RCS the words on it; empty for a file and a location. */
  message: string;
  /** When it came. */
  at: string;
  /** The handset: digits, as a number. */
  from: number;
  /** The number that the handset wrote to, in digits; over RCS the sender of the message that it answers, or the agent's id. */
  to: string;
  /** Of one over RCS. */
  rcs?: RcsAnswer;
}

/** An answer of a handset over RCS, with the platform's own fields. */
export type RcsAnswer =
  | { type: "text" }
  /** A tap on a suggestion. */
  | { type: "suggestion"; postbackData: string; text: string }
  | { type: "file"; payload: RcsFile; thumbnail?: RcsFile }
  | { type: "location"; latitude: number; longitude: number };

export interface RcsFile {
  mimeType: string;
  fileSizeBytes: number;
  fileName: string;
  /** Where the platform keeps it for a while. */
  fileUri: string;
}

interface About {
  account_uuid: string;
  /** The origin of the URL. */
  endpoint: string;
}

/** 20 different webhooks in a row have failed at an endpoint. */
export interface EndpointFailing {
  type: "endpoint.failing";
  timestamp: string;
  data: About & { reason: string | null };
}

/** A webhook was delivered to a failing endpoint. */
export interface EndpointRecovered {
  type: "endpoint.recovered";
  timestamp: string;
  data: About;
}

/** Webhooks whose last tries have failed. */
export interface WebhookExhausted {
  type: "webhook.exhausted";
  timestamp: string;
  data: About & {
    reason: string | null;
    /** Their number since the event before. */
    count: number;
    /** The first 20 of them. */
    webhook_ids: string[];
  };
}

export type EndpointEvent = EndpointFailing | EndpointRecovered | WebhookExhausted;
