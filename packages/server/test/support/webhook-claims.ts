import type { Pool } from "pg";
import type { Notifier } from "../../src/notify/notifier.ts";
import { WebhookClaims } from "../../src/notify/webhook-claims.ts";

/** The claims of node 1, which takes every endpoint's webhooks and keeps no order among them. */
export function webhookClaims(pool: Pool, notifier: Notifier): WebhookClaims {
  return new WebhookClaims({
    pool,
    notifier,
    node: () => 1,
    holdsLease: () => true,
    only: () => null,
    elsewhere: () => [],
    keepsOrder: () => false,
    whileNothingEnds: (work) => work(),
  });
}
