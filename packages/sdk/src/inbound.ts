import type { Api, ListOptions, Time } from "./api.ts";
import type { Paged } from "./paged.ts";
import type { InboundMessage } from "./webhook/payloads.ts";

export interface InboundFilter {
  /** The handset's number. */
  from?: string | undefined;
  /** The number or sender ID that the handset wrote to. */
  to?: string | undefined;
  /** Received at this time or later. */
  since?: Time | undefined;
  /** Received before this time. */
  until?: Time | undefined;
  /** Default "oldest" first. */
  order?: "oldest" | "newest" | undefined;
}

/** `/inbound`: messages from handsets; with an account's key. */
export class Inbound {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The oldest first by default. All conditions of the filter must hold. */
  list({ limit, after, signal, ...filter }: InboundFilter & ListOptions = {}): Paged<InboundMessage> {
    return this.#api.list("/inbound", { limit, after, signal }, filter);
  }
}
