import { type Api, type CallOptions, type ListOptions, path } from "./api.ts";
import type { Paged } from "./paged.ts";

export interface OptOut {
  /** The account that does not send to the handset. */
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

  /** Which accounts a handset has opted out of. */
  list(number: string, { limit, after, signal }: ListOptions = {}): Paged<OptOut> {
    return this.#api.list("/opt-outs", { limit, after, signal }, { number });
  }

  /** Takes it back for all accounts of the organization. */
  delete(number: string, options?: CallOptions): Promise<{ number: string; accounts: number }> {
    return this.#api.json({ method: "DELETE", path: path`/opt-outs/${number}` }, options);
  }
}
