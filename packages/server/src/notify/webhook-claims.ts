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
    const counts = new EndpointMap<number>();
    let more = after !== BEFORE_ALL;
    for (const webhook of claimed) {
      const count = (counts.get(webhook) ?? 0) + 1;
      counts.set(webhook, count);
      more ||= count >= (most.get(webhook) ?? perEndpoint);
    }
    if (ripens) return true;
    const isCaughtUp = (room: Room): boolean =>
      isAfter(room, after) && (counts.get(room) ?? 0) < room.room && !this.#toHasten.has(room);
    notifier.caughtUp(rooms.filter(isCaughtUp));
    return more || this.#toHasten.size > 0;
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

/** By account and number, in the order of claims. */
function isAfter(one: Endpoint, other: Endpoint): boolean {
  return one.accountId === other.accountId ? one.endpoint > other.endpoint : one.accountId > other.accountId;
}
