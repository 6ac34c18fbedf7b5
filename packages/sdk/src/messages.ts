import { type Api, type CallOptions, type ListOptions, path, type Query, type Time } from "./api.ts";
import { sleep } from "./deadline.ts";
import { type FinalOptions, LOOK_MS, type MessageFilter, type MessageItem, type MessageStory } from "./message-log.ts";
import type { Paged } from "./paged.ts";
import type { RichContent } from "./rich-content.ts";

export type Channel = "sms" | "rcs";

/** The sender: your own (1–11 characters with a letter, or 3–15 digits), or a number of the platform's pool. */
export type From = { type: "custom"; value: string } | { type: "shared" };

/** One text to one handset. `from`, `to` and `body` are required, here or in `defaults`. */
export interface Message {
  from?: From | undefined;
  /** E.164, with or without `+`. */
  to?: string | undefined;
  body?: string | undefined;
  /** http(s) URL for the delivery webhook. */
  callback?: string | undefined;
  /** The channels in the order to try them; default `["sms"]`. */
  channels?: Channel[] | undefined;
  /** UUID to use as the message's, unique per account for good. */
  id?: string | undefined;
  /** When to send it; held if that is more than five minutes ahead. */
  send_at?: Time | undefined;
  /** Seconds for which it is worth sending. */
  validity?: number | undefined;
  /** Optional parameters (TLVs) for SMPP carriers, by tag: `{"0x1401": "text", "0x1402": {hex: "00ff"}}`. */
  tlvs?: Record<string, string | { hex: string }> | undefined;
  /** What RCS shows in place of the text; `rcs` must be among the channels. */
  rcs?: RichContent | undefined;
}

export interface MessageRequest {
  /** 1 to 1,000. */
  messages: Message[];
  /** Whole values for the fields that a message leaves out. */
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
  /** By the first digits of numbers, of which the longest match counts; empty if no carrier takes such texts. */
  routes: { to: string; nationalLanguages: NationalLanguage[] }[];
}

export interface SendOptions extends CallOptions {
  /** Checks and prices the request and gives the usual answer, but sends nothing. */
  dryRun?: boolean | undefined;
  /**
   * 1 to 255 characters: requests with the same key within 24 hours are done once. The client makes a key for each call, so
   * that its own repetitions are safe. Give your own to make the call itself safe to repeat.
   */
  idempotencyKey?: string | undefined;
}

/** `/message` and `/national-languages`; sending takes an account's key, reading messages any. */
export class Messages {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Sends different texts: all of them, or none. */
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

  /** One message with all that happened to it, by the caller's identifier or ours. */
  get(message: string, options?: CallOptions): Promise<MessageStory> {
    return this.#api.json({ method: "GET", path: path`/message/${message}` }, options);
  }

  /** Waits until a message is delivered or failed; rejects as `get` does. Prefer a callback if you can receive one. */
  async final(message: string, { everyMs = LOOK_MS, signal }: FinalOptions = {}): Promise<MessageStory> {
    for (;;) {
      const story = await this.get(message, { signal });
      if (story.waiting === null) return story;
      await sleep(everyMs, signal);
    }
  }

  /** The national languages in which texts may be written to save parts, by destination. */
  nationalLanguages(options?: CallOptions): Promise<NationalLanguages> {
    return this.#api.json({ method: "GET", path: "/national-languages" }, options);
  }
}

function messageQuery({ state, ...filter }: MessageFilter): Query {
  return { ...filter, state: Array.isArray(state) ? state.join(",") : state };
}
