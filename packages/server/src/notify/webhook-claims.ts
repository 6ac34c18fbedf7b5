import type { Pool } from "pg";
import { type Endpoint, EndpointMap } from "../message/endpoint.ts";
import {
  BEFORE_ALL,
  claimWebhooks,
  hastenWebhooks,
  type Room,
  ripenWebhooks,
} from "../store/webhooks/claim-webhooks.ts";
import type { Notifier } from "./notifier.ts";

/** Webhooks of an endpoint, and of all, in one claim. */
const PER_ENDPOINT = 128;
const MOST = 2_000;
/** Number of webhooks whose time has come that are made claimable at once. */
const RIPE = 5_000;

export interface WebhookClaimsOptions {
  pool: Pool;
  notifier: Notifier;
  node(): number;
  holdsLease(): boolean;
  /** The only endpoints whose webhooks are claimed; null for those of all but `elsewhere`. */
  only(): readonly Endpoint[] | null;
  /** Endpoints whose webhooks are other programs' to claim. */
  elsewhere(): readonly Endpoint[];
  /** Whether an endpoint gets its webhooks in the order in which their messages ended. */
  keepsOrder(endpoint: Endpoint): boolean;
  /** Does some work while no statement makes messages final. */
  whileNothingEnds<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * Takes webhooks that wait in the store into the notifier's memory. Endpoints take turns by account and number: the next claim
 * goes on after the endpoint at which the last one was full, and after the last endpoint it begins anew. No account's endpoints
 * always go before another's.
 */
export class WebhookClaims {
  readonly #options: WebhookClaimsOptions;
  readonly #toHasten = new EndpointMap<Endpoint>();
  /** The endpoint at which the last claim was full. */
  #after = BEFORE_ALL;

  constructor(options: WebhookClaimsOptions) {
    this.#options = options;
  }

  /**
   * The next claim makes due what waits for this endpoint. Until then nothing counts as caught up with it: new webhooks would
   * overtake what waits.
   */
  hasten(endpoint: Endpoint): void {
    this.#toHasten.set(endpoint, endpoint);
  }

  /** Returns whether there may be more. Webhooks that were claimed under a number that was given up meanwhile are nobody's. */
  async take(): Promise<boolean> {
    const { pool, notifier, holdsLease } = this.#options;
    if (!notifier.hasRoom || !holdsLease()) return false;
    const node = this.#options.node();
    await this.#hasten();
    const ripens = await ripenWebhooks(pool, RIPE);
    const { perEndpoint, rooms } = this.#rooms();
    const after = this.#after;
    const claimed = await claimWebhooks(pool, node, perEndpoint, MOST, rooms, after);
    if (node !== this.#options.node()) return true;
    notifier.take(claimed);
    if (claimed.length >= MOST) {
      const { accountId, endpoint } = claimed.reduce((last, webhook) => (isAfter(webhook, last) ? webhook : last));
      this.#after = { accountId, endpoint };
      return true;
    }
    this.#after = BEFORE_ALL;
    const most = new EndpointMap<number>();
    for (const room of rooms) most.set(room, room.room);
    const counts = countsOf(claimed);
    const isMore = (webhook: Endpoint) => (counts.get(webhook) ?? 0) >= (most.get(webhook) ?? perEndpoint);
    const more = after !== BEFORE_ALL || claimed.some(isMore);
    if (ripens) return true;
    const caughtUp = rooms.filter((room) => isAfter(room, after) && this.#isCaughtUp(room, counts));
    const { keepsOrder } = this.#options;
    notifier.caughtUp(caughtUp.filter((room) => !keepsOrder(room)));
    const ordered = caughtUp.filter(keepsOrder);
    const behind = ordered.length > 0 && !(await this.#catchUp(ordered));
    return more || behind || this.#toHasten.size > 0;
  }

  #isCaughtUp(room: Room, counts: EndpointMap<number>): boolean {
    return (counts.get(room) ?? 0) < room.room && !this.#toHasten.has(room);
  }

  /**
   * Looks once more for what waits for endpoints that keep an order. A message that ended during the claim before may have its
   * webhook in the store, and those of the next go into memory: none may end until this is known. Returns whether nothing
   * waits any more.
   */
  #catchUp(endpoints: readonly Endpoint[]): Promise<boolean> {
    const { pool, notifier, node, whileNothingEnds } = this.#options;
    return whileNothingEnds(async () => {
      const here = node();
      const rooms = endpoints.map(({ accountId, endpoint }) => {
        return { accountId, endpoint, room: notifier.options.shares.room({ accountId, endpoint }) };
      });
      const claimed = await claimWebhooks(pool, here, 0, MOST, rooms, BEFORE_ALL);
      if (here !== node()) return false;
      notifier.take(claimed);
      const counts = countsOf(claimed);
      const caughtUp = rooms.filter((room) => this.#isCaughtUp(room, counts));
      notifier.caughtUp(caughtUp);
      return caughtUp.length === rooms.length;
    });
  }

  async #hasten(): Promise<void> {
    for (const endpoint of [...this.#toHasten.values()]) {
      this.#toHasten.delete(endpoint);
      try {
        await hastenWebhooks(this.#options.pool, endpoint);
      } catch (error) {
        this.#toHasten.set(endpoint, endpoint);
        throw error;
      }
    }
  }

  /** How many webhooks of each endpoint to claim, and of which another number. */
  #rooms(): { perEndpoint: number; rooms: Room[] } {
    const { notifier, only, elsewhere } = this.#options;
    const rooms = new EndpointMap<Room>();
    const own = only();
    for (const endpoint of own ?? []) {
      rooms.set(endpoint, { ...endpoint, room: notifier.options.shares.room(endpoint) });
    }
    for (const room of notifier.rooms()) if (own === null || rooms.has(room)) rooms.set(room, room);
    for (const endpoint of elsewhere()) rooms.set(endpoint, { ...endpoint, room: 0 });
    return { perEndpoint: own === null ? PER_ENDPOINT : 0, rooms: [...rooms.values()] };
  }
}

function countsOf(webhooks: readonly Endpoint[]): EndpointMap<number> {
  const counts = new EndpointMap<number>();
  for (const webhook of webhooks) counts.set(webhook, (counts.get(webhook) ?? 0) + 1);
  return counts;
}

/** By account and number, in the order of claims. */
function isAfter(one: Endpoint, other: Endpoint): boolean {
  return one.accountId === other.accountId ? one.endpoint > other.endpoint : one.accountId > other.accountId;
}
