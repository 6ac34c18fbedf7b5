/** What the API answers, as far as the page shows it; `/openapi.json` describes each. */

/** A page of a list. */
export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface AcceptedMessage {
  to: string;
  from: { type: "custom" | "shared"; value: string };
  send_at?: string;
  batchUuid: string;
  messageUuid: string;
  scheduled: boolean;
}

export interface MessageStatus {
  /** Null where the handset was erased. */
  destination: string | null;
  delivered: boolean;
  failed: boolean;
  messageuuid: string;
  info: { code: string; description: string } | null;
}

export interface Counts {
  total: number;
  delivered: number;
  failed: number;
}

export interface BatchStatus {
  counts: Counts;
  details: MessageStatus[];
  next: string | null;
}

export interface PendingBatch {
  identifier: string;
  at: string;
  from: string | null;
  messagecount: number;
  unitcount: number;
}

export const WEBHOOK_STATES = ["pending", "delivered", "exhausted"] as const;

interface Tried {
  at: string;
  status: number | null;
  fault: string | null;
  /** In a sentence; null where it did not fail. */
  reason: string | null;
}

export interface Attempt extends Tried {
  connect_ms: number | null;
  first_byte_ms: number | null;
  total_ms: number | null;
  answer: string | null;
}

interface Webhook {
  id: string;
  kind: "receipt" | "inbound" | "event";
  state: (typeof WEBHOOK_STATES)[number];
  endpoint: string;
  url: string;
  batch_uuid: string | null;
  message_uuid: string | null;
  tries: number;
  created_at: string;
  next_at: string | null;
}

export interface WebhookItem extends Webhook {
  last_attempt: Tried | null;
}

export interface WebhookDetails extends Webhook {
  body: string | null;
  attempts: Attempt[];
}

export interface InboundMessage {
  mo_uuid: string;
  batch_uuid: string | null;
  channel: string;
  message: string;
  at: string;
  from: number;
  to: string;
}

export interface ListedAccount {
  identifier: string;
  name: string;
  credits: number;
  deleted: boolean;
}

export interface Account extends ListedAccount {
  overdraft: boolean;
}

export interface NewKey {
  apiKey: string;
}

export interface LedgerItem {
  at: string;
  kind: string;
  credits: number;
  balance: number;
  batch_uuid: string | null;
}

export interface AccountWebhooks {
  inbound_url: string | null;
  events_url: string | null;
}

export interface Secret {
  identifier: string;
  created_at: string;
}

export interface Sender {
  identifier: string;
  value: string;
  /** Null: every account of the organization may use it. */
  account: string | null;
}

export interface Organization {
  identifier: string;
  name: string;
  credits: boolean;
  balance: number;
}

export interface Carrier {
  id: string;
  type: string;
  state: "up" | "slowed" | "down";
  binds: { up: number; of: number };
  window: number;
  under_way: number;
  throughput: number;
  counts: { submitted: number; refused: number; later: number; uncertain: number; received: number };
}
