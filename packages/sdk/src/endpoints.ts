import type { Api, ListOptions } from "./api.ts";
import type { Paged } from "./paged.ts";
import type { AttemptFault } from "./webhook-log.ts";

/** An account together with the origin of a URL. */
export interface Endpoint {
  origin: string;
  account_uuid: string;
  /** `failing`: the last try has failed; `probed`: 20 webhooks in a row have failed, and one at a time is tried. */
  state: "ok" | "failing" | "probed";
  since: string;
  /** Webhooks that wait for a try: for its time, for their turn, or for a probe. */
  waiting: number;
  /** Until when nothing is sent, because it fails or its receiver has asked for a pause. */
  next_probe_at: string | null;
  last: {
    /** When the last try began, as far as it is written. */
    at: string;
    /** The answer's; null where there was none. */
    status: number | null;
    fault: AttemptFault | null;
  };
}

/** `/endpoints`: how the receivers of webhooks do; with any key. */
export class Endpoints {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Those that are probed first, then those that fail. */
  list({ limit, after, signal }: ListOptions = {}): Paged<Endpoint> {
    return this.#api.list("/endpoints", { limit, after, signal });
  }
}
