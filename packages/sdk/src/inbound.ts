import type { Api, ListOptions } from "./api.ts";
import type { Paged } from "./paged.ts";
import type { InboundMessage } from "./webhook/payloads.ts";

/** `/inbound`: what handsets wrote; with an account's key. */
export class Inbound {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The oldest first. */
  list(options?: ListOptions): Paged<InboundMessage> {
    return this.#api.list("/inbound", options);
  }
}
