import { type Api, type CallOptions, path } from "./api.ts";

export interface Erasure {
  /** Erased messages to the handset. */
  messages: number;
  /** Deleted messages from it. */
  inbound: number;
  /** Scheduled messages that will not be sent. */
  scheduled: number;
  /** Messages under way, which are erased as soon as they have ended. */
  pending: number;
}

/** `/handset`; with an organization's key. */
export class Handsets {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Erases a number's texts and addresses from history, for every account of the organization. */
  erase(number: string, options?: CallOptions): Promise<Erasure> {
    return this.#api.json({ method: "DELETE", path: path`/handset/${number}` }, options);
  }
}
