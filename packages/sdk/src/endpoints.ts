import type { Api, ListOptions } from "./api.ts";
import type { Paged } from "./paged.ts";
import type { AttemptFault } from "./webhook-log.ts";

/** An account together with the origin of a URL. */
export interface Endpoint {
  origin: string;
  account_uuid: string;
  /** `failing`: the last try failed; `probed`: 20 webhooks in a row have failed, and one at a time is tried. */
  state: "ok" | "failing" | "probed";
  since: string;
  /** Webhooks that wait for their time, for their turn, or for a probe. */
  waiting: number;
  /** The end of the pause, if it fails or its receiver asked for one. */
  next_probe_at: string | null;
  last: {
    /** When the last recorded try began. */
    at: string;
    /** Of the answer; null without one. */
    status: number | null;
    fault: AttemptFault | null;
  };
}

/** `/endpoints`: the state of the receivers of webhooks; takes any key. */
export class Endpoints {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Probed ones first, then failing ones. */
  list({ limit, after, signal }: ListOptions = {}): Paged<Endpoint> {
    return this.#api.list("/endpoints", { limit, after, signal });
  }
}
