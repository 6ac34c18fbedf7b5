import type { IdentifierAndKey, NewKey } from "./accounts.ts";
import { type Api, type CallOptions, type ListOptions, path } from "./api.ts";
import type { Paged } from "./paged.ts";

export interface NewOrganization {
  name: string;
  /** Whether its messages are priced, a credit a part. */
  credits?: boolean | undefined;
  /** Initial credits. */
  balance?: number | undefined;
}

export interface OrganizationChange {
  name?: string | undefined;
  credits?: boolean | undefined;
  /** Credits to add; negative to take back. */
  balance?: { add: number } | undefined;
}

export interface Organization {
  identifier: string;
  name: string;
  credits: boolean;
  /** Credits that it has not passed on to an account. */
  balance: number;
}

export interface Carrier {
  id: string;
  type: string;
  /**
   * `slowed`: up, and has asked for less than its window. `no-receiver`: takes messages, but no bind for its receipts is up.
   */
  state: "up" | "slowed" | "no-receiver" | "down";
  /** Paused by the operator: takes nothing. */
  paused: boolean;
  /** When it began to take messages, or stopped; ISO 8601. */
  since: string;
  /** Why a bind is down; null if all are up. */
  why: string | null;
  /** The status of its last answer to a bind, by its name in SMPP 3.4 (`ESME_RINVPASWD`); null without one. */
  last_status: string | null;
  /** The next try of a bind that is down, ISO 8601; null if none is down, or one is being tried. */
  next_try_at: string | null;
  binds: { up: number; of: number };
  /** Tries to bind by their result, and lost binds, since the program began. */
  bind_counts: { bound: number; refused: number; failed: number; lost: number };
  /** Most submits under way now. */
  window: number;
  /** Submits under way. */
  under_way: number;
  /** Submits a second at most; 0 for no limit. */
  throughput: number;
  /** Since the program began. */
  counts: { submitted: number; refused: number; later: number; uncertain: number; received: number };
}

/** The route of a message. */
export interface RouteTaken {
  to: string;
  channel: "sms" | "rcs";
  account: string | null;
  sender: string | null;
  /** Null if none fits, or there are none and every carrier serves. */
  route: { index: number; to: string; account: string | null; sender: string | null; failover: string[] } | null;
  /** In order of preference. */
  carriers: { id: string; state: string | null; paused: boolean; share: number | null }[];
  /** The carrier that gets such a message now; null if shares decide, or no carrier takes it. */
  next: string | null;
  why: string;
}

export interface RouteQuestion {
  account?: string | undefined;
  sender?: string | undefined;
  channel?: "sms" | "rcs" | undefined;
}

/** Keys that a new configuration changed at once, and keys that need a restart. */
export interface Reload {
  changed: string[];
  restart: string[];
  /** The answers of the other programs on the store; each reads a configuration of its own. */
  others: OtherReload[];
}

export interface OtherReload {
  host: string;
  pid: number;
  /** `refused`: its configuration has a fault, and nothing has changed there; `silent`: it did not answer in time. */
  state: "reloaded" | "refused" | "silent";
  changed: string[];
  restart: string[];
  /** What went wrong, in words; null if it reloaded. */
  detail: string | null;
  errors: { path: string; message: string }[];
}

/** `/organization` and `/carriers`; with the operator's key. */
export class Operator {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  createOrganization(organization: NewOrganization, options?: CallOptions): Promise<IdentifierAndKey> {
    return this.#api.json({ method: "POST", path: "/organization", body: organization }, options);
  }

  /** In the order in which they were made. */
  organizations(options?: ListOptions): Paged<Organization> {
    return this.#api.list("/organization", options);
  }

  /** Renames it, switches its credits, adds to its balance. */
  async changeOrganization(organization: string, change: OrganizationChange, options?: CallOptions): Promise<void> {
    await this.#api.json({ method: "PATCH", path: path`/organization/${organization}`, body: change }, options);
  }

  /** Makes a new own key of an organization. The old one works for `graceSeconds` more, or ends at once. */
  rotateKey(organization: string, graceSeconds = 0, options?: CallOptions): Promise<NewKey> {
    const body = { graceSeconds };
    return this.#api.json({ method: "POST", path: path`/organization/${organization}/key`, body }, options);
  }

  /** The carriers of the program that answers, in the order of its configuration. */
  carriers(options?: ListOptions): Paged<Carrier> {
    return this.#api.list("/carriers", options);
  }

  /** Pauses a carrier in all programs, over restarts too, until it is resumed. */
  async pauseCarrier(carrier: string, options?: CallOptions): Promise<void> {
    await this.#api.json({ method: "POST", path: path`/carriers/${carrier}/pause` }, options);
  }

  async resumeCarrier(carrier: string, options?: CallOptions): Promise<void> {
    await this.#api.json({ method: "POST", path: path`/carriers/${carrier}/resume` }, options);
  }

  /** The route that a message to this number would take now, and why. */
  route(to: string, { account, sender, channel }: RouteQuestion = {}, options?: CallOptions): Promise<RouteTaken> {
    return this.#api.json({ method: "GET", path: "/route", query: { to, account, sender, channel } }, options);
  }

  /** Makes the program, and the others on its store, read their configurations anew; rejects with every fault if there is one. */
  reload(options?: CallOptions): Promise<Reload> {
    return this.#api.json({ method: "POST", path: "/reload" }, options);
  }
}
