import { type Api, type CallOptions, type ListOptions, path } from "./api.ts";
import type { Paged } from "./paged.ts";

export interface OptOut {
  /** The account that the handset has opted out of. */
  account_uuid: string;
  number: string;
  at: string;
}

/** `/opt-outs`: handsets that have opted out; with an organization's key. */
export class OptOuts {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The accounts that a handset has opted out of. */
  list(number: string, { limit, after, signal }: ListOptions = {}): Paged<OptOut> {
    return this.#api.list("/opt-outs", { limit, after, signal }, { number });
  }

  /** Undoes the opt-out for all accounts of the organization. */
  delete(number: string, options?: CallOptions): Promise<{ number: string; accounts: number }> {
    return this.#api.json({ method: "DELETE", path: path`/opt-outs/${number}` }, options);
  }
}
