import type { Api, ListOptions, Time } from "./api.ts";
import type { Paged } from "./paged.ts";
import type { InboundMessage } from "./webhook/payloads.ts";

export interface InboundFilter {
  /** The handset's number. */
  from?: string | undefined;
  /** The number or sender ID that it wrote to. */
  to?: string | undefined;
  /** Those that came at this time or later. */
  since?: Time | undefined;
  /** Those that came before this time. */
  until?: Time | undefined;
  /** Which come first; "oldest" unless told. */
  order?: "oldest" | "newest" | undefined;
}

/** `/inbound`: what handsets wrote; with an account's key. */
export class Inbound {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The oldest first unless told. All that the filter names holds of each. */
  list({ limit, after, signal, ...filter }: InboundFilter & ListOptions = {}): Paged<InboundMessage> {
    return this.#api.list("/inbound", { limit, after, signal }, filter);
  }
}
