import { type Api, type CallOptions, type ListOptions, path, type Time } from "./api.ts";
import type { Paged } from "./paged.ts";

export type WebhookState = "pending" | "delivered" | "exhausted";
export type WebhookKind = "receipt" | "inbound" | "event";

/** Why a try got no answer, in a word. */
export type AttemptFault =
  | "refused_address"
  | "dns"
  | "connect"
  | "tls"
  | "timeout"
  | "reset"
  | "protocol"
  | "headers_too_large"
  | "unbound"
  | "internal";

export interface LastAttempt {
  /** When it began. */
  at: string;
  /** The answer's; null where there was none. */
  status: number | null;
  fault: AttemptFault | null;
  /** Why it failed, in a sentence; null where it did not. */
  reason: string | null;
}

export interface Attempt extends LastAttempt {
  /** Milliseconds from the beginning until the request was written, the answer's headers were in, and the end. */
  connect_ms: number | null;
  first_byte_ms: number | null;
  total_ms: number | null;
  /** The first KiB of the answer's body. */
  answer: string | null;
}

export interface Held {
  /** Its endpoint is only probed, or the receiver has asked for a pause. */
  why: "endpoint_fails" | "retry_after";
  since: string;
  /** Until when nothing is sent to the endpoint. */
  next_probe_at: string;
}

interface LoggedWebhook {
  /** Its `webhook-id`. */
  id: string;
  kind: WebhookKind;
  state: WebhookState;
  /** The origin of the URL. */
  endpoint: string;
  url: string;
  batch_uuid: string | null;
  message_uuid: string | null;
  /** How often it was tried since it was made or last replayed. */
  tries: number;
  created_at: string;
  /** When it is due, while it is pending; never in the past. */
  next_at: string | null;
  /** Why it is held back although it is due, or would be; null where it is not. */
  held: Held | null;
}

export interface WebhookItem extends LoggedWebhook {
  last_attempt: LastAttempt | null;
}

export interface WebhookDetails extends LoggedWebhook {
  /** What is sent, to the byte. */
  body: string | null;
  /** The oldest first; the newest 60. */
  attempts: Attempt[];
}

export interface WebhookFilter {
  state?: WebhookState | undefined;
  /** An identifier, yours or ours. */
  batch?: string | undefined;
  message?: string | undefined;
  /** A URL; its origin counts. */
  endpoint?: string | undefined;
  /** Made at this time or later. */
  from?: Time | undefined;
  /** A number that a message went to, whole or by its last digits as `*123456`; or made before this time. */
  to?: Time | undefined;
}

export interface WebhookReplay {
  state: WebhookState;
  from: Time;
  to: Time;
  /** How many a second; 100 unless told. */
  rate?: number | undefined;
  endpoint?: string | undefined;
}

export interface Replayed {
  replayed: number;
}

/** `/webhooks`: what became of every webhook, and trying them again; with an account's key. */
export class WebhookLog {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The newest first. All that the filter names holds of each. */
  list({ limit, after, signal, ...filter }: WebhookFilter & ListOptions = {}): Paged<WebhookItem> {
    return this.#api.list("/webhooks", { limit, after, signal }, filter);
  }

  /** A webhook with every attempt, by its id or the identifier that its message was given. */
  get(id: string, options?: CallOptions): Promise<WebhookDetails> {
    return this.#api.json({ method: "GET", path: path`/webhooks/${id}` }, options);
  }

  /** Has one tried again at once: `replayed` is 1, or 0 while it is being tried as it is. */
  replay(id: string, options?: CallOptions): Promise<Replayed> {
    return this.#api.json({ method: "POST", path: path`/webhooks/${id}/replay` }, options);
  }

  /** Has many tried again, a million at most. */
  replayMany(range: WebhookReplay, options?: CallOptions): Promise<Replayed> {
    return this.#api.json({ method: "POST", path: "/webhooks/replay", body: range }, options);
  }
}
