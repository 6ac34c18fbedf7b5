import { type Api, type CallOptions, type ListOptions, path, type Query, type Time } from "./api.ts";
import { sleep } from "./deadline.ts";
import type { FinalOptions, MessageFilter, MessageItem, MessageStory } from "./message-log.ts";
import type { Paged } from "./paged.ts";

export type Channel = "sms" | "rcs";

/** The sender: one of your own (1–11 characters with a letter, or 3–15 digits), or a number of the platform's pool. */
export type From = { type: "custom"; value: string } | { type: "shared" };

/** One text to one handset. `from`, `to` and `body` are needed, here or in `defaults`. */
export interface Message {
  from?: From | undefined;
  /** E.164, with or without `+`. */
  to?: string | undefined;
  body?: string | undefined;
  /** http(s) URL for the delivery webhook. */
  callback?: string | undefined;
  /** The order in which channels are tried; `["sms"]` unless told. */
  channels?: Channel[] | undefined;
  /** UUID to use as the message's, unique per account for good. */
  id?: string | undefined;
  /** When to send it. Held where it is more than five minutes ahead. */
  send_at?: Time | undefined;
  /** Seconds after which it is no longer worth sending. */
  validity?: number | undefined;
  /** Optional parameters (TLVs) for SMPP carriers, by tag: `{"0x1401": "text", "0x1402": {hex: "00ff"}}`. */
  tlvs?: Record<string, string | { hex: string }> | undefined;
}

export interface MessageRequest {
  /** 1 to 1,000. */
  messages: Message[];
  /** What a message leaves out is taken from here, whole. */
  defaults?: Message | undefined;
}

export interface AcceptedMessage {
  to: string;
  body: string;
  /** With `shared`, `value` is the number that was picked. */
  from: { type: "custom" | "shared"; value: string };
  callback?: string;
  send_at?: string;
  /** The batch of this message alone. */
  batchUuid: string;
  messageUuid: string;
  /** Whether it is held for its `send_at`. */
  scheduled: boolean;
}

export interface AcceptedMessages {
  /** In the order of the request. */
  messages: AcceptedMessage[];
}

export type NationalLanguage =
  | "turkish"
  | "spanish"
  | "portuguese"
  | "bengali"
  | "gujarati"
  | "hindi"
  | "kannada"
  | "malayalam"
  | "oriya"
  | "punjabi"
  | "tamil"
  | "telugu"
  | "urdu";

export interface NationalLanguages {
  /** By the first digits of numbers, of which the longest that fit count; empty where no carrier takes such texts. */
  routes: { to: string; nationalLanguages: NationalLanguage[] }[];
}

export interface SendOptions extends CallOptions {
  /** Checks and prices the request and answers as usual, but sends nothing. */
  dryRun?: boolean | undefined;
  /**
   * 1 to 255 characters: what comes under the same key within 24 hours is sent once. The client makes one for each call,
   * so that its own repetitions are safe; give one to make the call itself safe to repeat.
   */
  idempotencyKey?: string | undefined;
}

const LOOK_MS = 1_000;

/** `/message` and what texts are written in; with an account's key, and what only reads messages with any. */
export class Messages {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Sends different texts. All of them are taken, or none. */
  send(request: MessageRequest, options: SendOptions = {}): Promise<AcceptedMessages> {
    const { dryRun, idempotencyKey = crypto.randomUUID(), ...call } = options;
    return this.#api.json({ method: "POST", path: "/message", query: { dryRun }, body: request, idempotencyKey }, call);
  }

  /** The newest first. What waits for its `send_at` is among `batches.pending`. */
  list({ limit, after, signal, ...filter }: MessageFilter & ListOptions = {}): Paged<MessageItem> {
    return this.#api.list("/message", { limit, after, signal }, messageQuery(filter));
  }

  /** The same list as CSV, with a header, to its end, as it comes. */
  csv({ signal, ...filter }: MessageFilter & CallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const query = { ...messageQuery(filter), format: "csv" };
    return this.#api.stream({ method: "GET", path: "/message", query }, { signal });
  }

  /** One message with all that happened to it, by its identifier, yours or ours. */
  get(message: string, options?: CallOptions): Promise<MessageStory> {
    return this.#api.json({ method: "GET", path: path`/message/${message}` }, options);
  }

  /** Waits until a message is delivered or has failed; rejects as `get` does. Better where it can be had: a callback. */
  async final(message: string, { everyMs = LOOK_MS, signal }: FinalOptions = {}): Promise<MessageStory> {
    for (;;) {
      const story = await this.get(message, { signal });
      if (story.waiting === null) return story;
      await sleep(everyMs, signal);
    }
  }

  /** In which national languages texts may be written where that makes fewer parts than UCS-2, by where they go. */
  nationalLanguages(options?: CallOptions): Promise<NationalLanguages> {
    return this.#api.json({ method: "GET", path: "/national-languages" }, options);
  }
}

function messageQuery({ state, ...filter }: MessageFilter): Query {
  return { ...filter, state: Array.isArray(state) ? state.join(",") : state };
}
