import type { Pool } from "pg";
import { type Endpoint, EndpointMap } from "../message/endpoint.ts";
import { BEFORE_ALL, claimWebhooks, ripenWebhooks } from "../store/webhooks/claim-webhooks.ts";
import type { Notifier } from "./notifier.ts";

const CLAIM = { perEndpoint: 128, most: 2_000 };
/** Number of webhooks whose time has come that are made claimable at once. */
const RIPE = 5_000;

export interface WebhookClaimsOptions {
  pool: Pool;
  notifier: Notifier;
  node(): number;
  holdsLease(): boolean;
}

/**
 * Takes webhooks that wait in the store into the notifier's memory. Endpoints take turns by account and number: the next claim
 * goes on after the endpoint at which the last one was full, and after the last endpoint it begins anew. No account's endpoints
 * always go before another's.
 */
export class WebhookClaims {
  readonly #options: WebhookClaimsOptions;
  /** The endpoint at which the last claim was full. */
  #after = BEFORE_ALL;

  constructor(options: WebhookClaimsOptions) {
    this.#options = options;
  }

  /** Returns whether there may be more. Webhooks that were claimed under a number that was given up meanwhile are nobody's. */
  async take(): Promise<boolean> {
    const { pool, notifier, holdsLease } = this.#options;
    if (!notifier.hasRoom || !holdsLease()) return false;
    const node = this.#options.node();
    const ripens = await ripenWebhooks(pool, RIPE);
    const rooms = notifier.rooms();
    const after = this.#after;
    const claimed = await claimWebhooks(pool, node, CLAIM.perEndpoint, CLAIM.most, rooms, after);
    if (node !== this.#options.node()) return true;
    notifier.take(claimed);
    if (claimed.length >= CLAIM.most) {
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
      more ||= count >= (most.get(webhook) ?? CLAIM.perEndpoint);
    }
    if (ripens) return true;
    notifier.caughtUp(rooms.filter((room) => isAfter(room, after) && (counts.get(room) ?? 0) < room.room));
    return more;
  }
}

/** By account and number, in the order of claims. */
function isAfter(one: Endpoint, other: Endpoint): boolean {
  return one.accountId === other.accountId ? one.endpoint > other.endpoint : one.accountId > other.accountId;
}
