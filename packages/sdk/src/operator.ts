import type { IdentifierAndKey, NewKey } from "./accounts.ts";
import { type Api, type CallOptions, type ListOptions, path } from "./api.ts";
import type { Paged } from "./paged.ts";

export interface NewOrganization {
  name: string;
  /** Whether its messages are priced, a credit a part. */
  credits?: boolean | undefined;
  /** Credits to begin with. */
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
  /** Credits that it has not given to an account. */
  balance: number;
}

export interface Carrier {
  id: string;
  type: string;
  /**
   * `slowed`: it is up, and has asked for less than it is allowed to get. `no-receiver`: it takes messages, and none of
   * the binds is up that its receipts come over.
   */
  state: "up" | "slowed" | "no-receiver" | "down";
  /** The operator has it take nothing. */
  paused: boolean;
  /** Since when it takes messages, or takes none; ISO 8601. */
  since: string;
  /** Why a bind of it is not up; null where all are. */
  why: string | null;
  /** The status of its last answer to a bind by its name in SMPP 3.4 (`ESME_RINVPASWD`); null where there was none. */
  last_status: string | null;
  /** When a bind that is not up is tried again, ISO 8601; null where none is, or one is tried now. */
  next_try_at: string | null;
  binds: { up: number; of: number };
  /** Tries to bind by how each ended, and binds that were lost, since the program began. */
  bind_counts: { bound: number; refused: number; failed: number; lost: number };
  /** Submits that may be under way now. */
  window: number;
  /** Submits that are. */
  under_way: number;
  /** Submits a second at most; 0 for no limit. */
  throughput: number;
  /** Since the program began. */
  counts: { submitted: number; refused: number; later: number; uncertain: number; received: number };
}

/** Which way a message would go. */
export interface RouteTaken {
  to: string;
  channel: "sms" | "rcs";
  account: string | null;
  sender: string | null;
  /** Null where none fits, or there are none and every carrier serves. */
  route: { index: number; to: string; account: string | null; sender: string | null; failover: string[] } | null;
  /** In order of preference. */
  carriers: { id: string; state: string | null; paused: boolean; share: number | null }[];
  /** The carrier that such a message goes to now; null where shares decide, or none takes it. */
  next: string | null;
  why: string;
}

export interface RouteQuestion {
  account?: string | undefined;
  sender?: string | undefined;
  channel?: "sms" | "rcs" | undefined;
}

/** Keys that a new configuration changed at once, and keys that it changes after a restart. */
export interface Reload {
  changed: string[];
  restart: string[];
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

  /** Makes a new own key of an organization's; that before it still works for `graceSeconds`, or ends at once. */
  rotateKey(organization: string, graceSeconds = 0, options?: CallOptions): Promise<NewKey> {
    const body = { graceSeconds };
    return this.#api.json({ method: "POST", path: path`/organization/${organization}/key`, body }, options);
  }

  /** Those of the program that answers, in the order of its configuration. */
  carriers(options?: ListOptions): Paged<Carrier> {
    return this.#api.list("/carriers", options);
  }

  /** Has a carrier take nothing, in all programs and over restarts, until it is to go on. */
  async pauseCarrier(carrier: string, options?: CallOptions): Promise<void> {
    await this.#api.json({ method: "POST", path: path`/carriers/${carrier}/pause` }, options);
  }

  async resumeCarrier(carrier: string, options?: CallOptions): Promise<void> {
    await this.#api.json({ method: "POST", path: path`/carriers/${carrier}/resume` }, options);
  }

  /** Which way a message to this number would go now, and why. */
  route(to: string, { account, sender, channel }: RouteQuestion = {}, options?: CallOptions): Promise<RouteTaken> {
    return this.#api.json({ method: "GET", path: "/route", query: { to, account, sender, channel } }, options);
  }

  /** Has the program read its configuration anew; rejects with every fault where it has one. */
  reload(options?: CallOptions): Promise<Reload> {
    return this.#api.json({ method: "POST", path: "/reload" }, options);
  }
}
