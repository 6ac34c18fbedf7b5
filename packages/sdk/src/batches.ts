import { type Api, type CallOptions, type ListOptions, path, type Time } from "./api.ts";
import { chunksOf, LARGEST_BATCH } from "./chunks.ts";
import { sleep } from "./deadline.ts";
import { type BatchFilter, type BatchItem, type FinalOptions, LOOK_MS } from "./message-log.ts";
import type { Channel, SendOptions } from "./messages.ts";
import type { Paged } from "./paged.ts";
import type { RichContent } from "./rich-content.ts";

/** One text to many handsets. */
export interface BatchRequest {
  from: string;
  message: string;
  /** 1 to 100,000 numbers, E.164, with or without `+`; a repeated number is sent to once. */
  destinations: string[];
  /** http(s) URL for the delivery webhooks. */
  callback?: string | undefined;
  /** UUID to use as the batch's, unique per account for good. */
  id?: string | undefined;
  /** Another spelling of `id`. */
  uuid?: string | undefined;
  /** When to send it; held if that is more than five minutes ahead. */
  send_at?: Time | undefined;
  /** Another spelling of `send_at`. */
  at?: Time | undefined;
  /** The first channel. */
  channel?: Channel | undefined;
  /** The channels to try after it, in order. */
  fallback_channels?: Channel[] | undefined;
  /** Seconds for which it is worth sending. */
  validity?: number | undefined;
  /** Optional parameters (TLVs) for SMPP carriers, by tag: `{"0x1401": "text", "0x1402": {hex: "00ff"}}`. */
  tlvs?: Record<string, string | { hex: string }> | undefined;
  /** What RCS shows in place of the text; `rcs` must be among the channels. */
  rcs?: RichContent | undefined;
}

export interface BatchSendOptions extends SendOptions {
  /** Allows a text of more than one part, which is refused otherwise. */
  allowMulti?: boolean | undefined;
}

/** A batch for more numbers than one request takes. Each of its batches gets an identifier from the server. */
export interface LargeBatchRequest extends Omit<BatchRequest, "destinations" | "id" | "uuid"> {
  /** E.164, with or without `+`, from anywhere: a list, a file's lines, a database's rows. A repeated number is sent to once. */
  destinations: Iterable<string> | AsyncIterable<string>;
}

export interface LargeBatchOptions extends BatchSendOptions {
  /** The most numbers in one batch; default 100,000. */
  chunk?: number | undefined;
}

export interface Identifier {
  identifier: string;
}

/** A batch of several that carry one text. */
export interface BatchChunk extends Identifier {
  /** How many numbers it has. */
  count: number;
}

export interface Counts {
  total: number;
  delivered: number;
  failed: number;
}

/** The meaning of a receipt code; 00 to 1F are delivered, all others failed. */
export interface ReceiptCode {
  code: string;
  description: string;
}

export interface BatchStatus {
  counts: Counts;
}

/** The content of a batch. */
export interface BatchContent {
  /** When it was accepted, or, while it is pending, when it is sent. */
  at: string;
  state: "pending" | "sending" | "done";
  /** Null where it was erased, as the text. */
  from: string | null;
  message: string | null;
  /** What RCS shows in place of the text, if there is any. */
  rcs?: RichContent;
  callback: string | null;
  /** The parts of each of its messages. */
  unitcount: number;
  /** With an organization's key or the operator's. */
  account_uuid?: string;
}

export interface BatchWithContent extends BatchStatus {
  content: BatchContent;
}

export interface MessageStatus {
  /** With `+`; null once erased. */
  destination: string | null;
  /** Neither flag set: not known yet. */
  delivered: boolean;
  failed: boolean;
  batchuuid: string;
  messageuuid: string;
  info: ReceiptCode | null;
}

export interface DetailedBatchStatus extends BatchStatus {
  details: MessageStatus[];
}

/** A batch that waits for its `send_at`. */
export interface PendingBatch {
  identifier: string;
  /** When it is sent. */
  at: string;
  from: string | null;
  messagecount: number;
  /** The parts of each of its messages. */
  unitcount: number;
}

/** `/batch`: reading what became of batches with any key, all else with an account's. */
export class Batches {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Sends one text to many handsets. */
  send(request: BatchRequest, options: BatchSendOptions = {}): Promise<Identifier> {
    const { dryRun, allowMulti, idempotencyKey = crypto.randomUUID(), ...call } = options;
    const query = { dryRun, allowMulti };
    return this.#api.json({ method: "POST", path: "/batch", query, body: request, idempotencyKey }, call);
  }

  /**
   * Sends one text to any count of handsets: a batch for every 100,000 numbers, one after the other. Each is sent when the one
   * before it was read from here.
   *
   * Give an `idempotencyKey`, and a run that was broken off is simply done again within 24 hours, with the same numbers in the
   * same order: batches that were accepted are not sent again, but answered as before.
   */
  async *sendLarge(
    request: LargeBatchRequest,
    options: LargeBatchOptions = {},
  ): AsyncGenerator<BatchChunk, void, void> {
    const { chunk = LARGEST_BATCH, idempotencyKey = crypto.randomUUID(), ...rest } = options;
    let place = 0;
    for await (const destinations of chunksOf(request.destinations, chunk)) {
      place++;
      const each = { ...rest, idempotencyKey: `${idempotencyKey}-${place}` };
      yield { ...(await this.send({ ...request, destinations }, each)), count: destinations.length };
    }
  }

  /** Waits until every message of a batch is delivered or failed; rejects as `status` does. Prefer a callback if you can receive one. */
  async final(batch: string, { everyMs = LOOK_MS, signal }: FinalOptions = {}): Promise<BatchStatus> {
    for (;;) {
      const status = await this.status(batch, { signal });
      const { total, delivered, failed } = status.counts;
      if (delivered + failed === total) return status;
      await sleep(everyMs, signal);
    }
  }

  /** Numbers of a batch's messages: all, delivered, failed. */
  status(batch: string, options?: CallOptions): Promise<BatchStatus> {
    return this.#api.json({ method: "GET", path: path`/batch/${batch}` }, options);
  }

  /** The same with what the batch sends. */
  get(batch: string, options?: CallOptions): Promise<BatchWithContent> {
    return this.#api.json({ method: "GET", path: path`/batch/${batch}`, query: { content: true } }, options);
  }

  /** The same with every message, in one answer: counts and rows agree. */
  detailedStatus(batch: string, options?: CallOptions): Promise<DetailedBatchStatus> {
    return this.#api.json({ method: "GET", path: path`/batch/${batch}`, query: { details: true } }, options);
  }

  /** Every message of a batch, in pages. */
  details(batch: string, options: ListOptions = {}): Paged<MessageStatus> {
    return this.#api.pages(
      path`/batch/${batch}`,
      options,
      { details: true },
      ({ details, next }: { details: MessageStatus[]; next: string | null }) => ({ items: details, next }),
    );
  }

  /** The same as CSV, with a header, to its end, as it comes. */
  detailsCsv(batch: string, options?: CallOptions): Promise<ReadableStream<Uint8Array>> {
    const query = { details: true, format: "csv" };
    return this.#api.stream({ method: "GET", path: path`/batch/${batch}`, query }, options);
  }

  /** What is held for its time, the soonest first. */
  pending(options: ListOptions = {}): Paged<PendingBatch> {
    return this.#api.pages(
      "/batch",
      options,
      {},
      ({ batches, next }: { batches: PendingBatch[]; next: string | null }) => ({ items: batches, next }),
    );
  }

  /** All batches, the newest first; single messages are batches of their own. Takes any key. */
  list({ limit, after, signal, ...filter }: BatchFilter & ListOptions = {}): Paged<BatchItem> {
    return this.#api.list("/batch", { limit, after, signal }, { ...filter, all: true });
  }

  /** Cancels a held batch, which is unknown from then on. */
  cancel(batch: string, options?: CallOptions): Promise<Identifier> {
    return this.#api.json({ method: "DELETE", path: path`/batch/${batch}` }, options);
  }
}
