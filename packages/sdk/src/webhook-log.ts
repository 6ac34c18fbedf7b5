import { type Api, type CallOptions, type ListOptions, path, type Time } from "./api.ts";
import type { Paged } from "./paged.ts";

export type WebhookState = "pending" | "delivered" | "exhausted";
export type WebhookKind = "receipt" | "intermediate" | "inbound" | "event";

/** Why a try got no answer. */
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
  /** Of the answer; null without one. */
  status: number | null;
  fault: AttemptFault | null;
  /** The reason of the failure, as a sentence; null after a success. */
  reason: string | null;
}

export interface Attempt extends LastAttempt {
  /** Milliseconds until the request was written; then until the answer's headers were in, and until the end. */
  connect_ms: number | null;
  first_byte_ms: number | null;
  total_ms: number | null;
  /** The first KiB of the answer's body. */
  answer: string | null;
}

export interface Held {
  /** Its endpoint is only probed, or its receiver has asked for a pause. */
  why: "endpoint_fails" | "retry_after";
  since: string;
  /** The end of the endpoint's pause. */
  next_probe_at: string;
}

interface LoggedWebhook {
  /** Its `webhook-id`. */
  id: string;
  kind: WebhookKind;
  state: WebhookState;
  /** The origin of the URL; over SMPP all of it. */
  endpoint: string;
  url: string;
  batch_uuid: string | null;
  message_uuid: string | null;
  /** Tries since it was made or last replayed. */
  tries: number;
  created_at: string;
  /** When it is due, while pending; never in the past. */
  next_at: string | null;
  /** Why it is held back; null if it is not. */
  held: Held | null;
}

export interface WebhookItem extends LoggedWebhook {
  last_attempt: LastAttempt | null;
}

export interface WebhookDetails extends LoggedWebhook {
  /** The body as sent, to the byte. */
  body: string | null;
  /** The newest 60, oldest first. */
  attempts: Attempt[];
}

export interface WebhookFilter {
  state?: WebhookState | undefined;
  /** An identifier, the caller's or ours. */
  batch?: string | undefined;
  message?: string | undefined;
  /** A URL, whose origin counts; or `smpp:` and a system_id. */
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
  /** Webhooks a second; default 100. */
  rate?: number | undefined;
  /** As in a filter. */
  endpoint?: string | undefined;
}

export interface Replayed {
  replayed: number;
}

/** `/webhooks`: every webhook with its tries, and replays; with an account's key. */
export class WebhookLog {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The newest first. All conditions of the filter must hold. */
  list({ limit, after, signal, ...filter }: WebhookFilter & ListOptions = {}): Paged<WebhookItem> {
    return this.#api.list("/webhooks", { limit, after, signal }, filter);
  }

  /** A webhook with every attempt, by its id or its message's identifier. */
  get(id: string, options?: CallOptions): Promise<WebhookDetails> {
    return this.#api.json({ method: "GET", path: path`/webhooks/${id}` }, options);
  }

  /** Tries one again at once: `replayed` is 1, or 0 if a try is under way. */
  replay(id: string, options?: CallOptions): Promise<Replayed> {
    return this.#api.json({ method: "POST", path: path`/webhooks/${id}/replay` }, options);
  }

  /** Tries many again, at most a million. */
  replayMany(range: WebhookReplay, options?: CallOptions): Promise<Replayed> {
    return this.#api.json({ method: "POST", path: "/webhooks/replay", body: range }, options);
  }
}
