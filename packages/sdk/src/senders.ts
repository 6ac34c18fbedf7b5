import { type Api, type CallOptions, type ListOptions, path } from "./api.ts";
import type { Identifier } from "./batches.ts";
import type { Paged } from "./paged.ts";

export interface SenderRegistration {
  /** A name of 1 to 11 characters, or 3 to 15 digits. */
  value: string;
  /** The account that may use it; without one, every account of the organization. */
  account?: string | undefined;
}

export interface Sender {
  identifier: string;
  value: string;
  /** Null: every account of the organization may use it. */
  account: string | null;
}

/** `/sender`: sender IDs and their owners; with an organization's key. */
export class Senders {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  register(registration: SenderRegistration, options?: CallOptions): Promise<Identifier> {
    return this.#api.json({ method: "POST", path: "/sender", body: registration }, options);
  }

  /** In the order in which they were registered. */
  list(options?: ListOptions): Paged<Sender> {
    return this.#api.list("/sender", options);
  }

  async delete(sender: string, options?: CallOptions): Promise<void> {
    await this.#api.json({ method: "DELETE", path: path`/sender/${sender}` }, options);
  }
}
