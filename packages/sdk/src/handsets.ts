import { type Api, type CallOptions, path } from "./api.ts";

export interface Erasure {
  /** Messages to the handset that were erased. */
  messages: number;
  /** Messages from it that were deleted. */
  inbound: number;
  /** Messages that were held for later, and are not sent. */
  scheduled: number;
  /** What is under way: erased as soon as it has ended. */
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
