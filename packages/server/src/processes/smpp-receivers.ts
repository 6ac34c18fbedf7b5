import type { Pool } from "pg";
import { endpointNumber } from "../message/endpoint.ts";
import { smppUrl } from "../message/smpp-origin.ts";
import type { Notifier } from "../notify/notifier.ts";
import type { Poller } from "../runtime/poller.ts";
import { hastenWebhooks } from "../store/webhooks/claim-webhooks.ts";
import type { Receiver } from "./smpp-binds.ts";

/** A customer has bound who takes receipts: what waits for him is due at once. */
export async function hastenFor(
  { systemId, accountId }: Receiver,
  pool: Pool,
  notifier: Notifier,
  claims: Pick<Poller, "wake">,
): Promise<void> {
  const endpoint = { accountId, endpoint: endpointNumber(accountId, smppUrl(systemId)) };
  await hastenWebhooks(pool, endpoint);
  notifier.bound(endpoint);
  claims.wake();
}
