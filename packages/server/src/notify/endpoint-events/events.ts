import type { Pool } from "pg";
import { newBatchId } from "../../message/id.ts";
import { KIND_LETTERS } from "../../message/webhook.ts";
import { transaction } from "../../store/database.ts";
import { dueToTell, markTold, type Untold } from "../../store/webhooks/endpoint-health.ts";
import { insertWebhooks, type NewWebhook } from "../../store/webhooks/insert-webhooks.ts";

/** The least time between two events of a type for the same endpoint. Everything in between is put together. */
const INTERVAL_MS = 60_000;
const MOST_AT_ONCE = 200;

/** The body of an event for an account's `events_url`, in the form of Standard Webhooks ("Payload structure"). */
export type EndpointEvent = { timestamp: string } & (
  | { type: "endpoint.failing"; data: { account_uuid: string; endpoint: string; reason: string | null } }
  | { type: "endpoint.recovered"; data: { account_uuid: string; endpoint: string } }
  | {
      type: "webhook.exhausted";
      data: {
        account_uuid: string;
        endpoint: string;
        reason: string | null;
        /** Since the event before. */
        count: number;
        /** The first of them. */
        webhook_ids: string[];
      };
    }
);

/** The events for an endpoint's unreported changes; `now` in epoch milliseconds. */
export function eventsOf(untold: Untold, now: number): EndpointEvent[] {
  const { account: account_uuid, origin: endpoint, reason, changed, failing, changedAt } = untold;
  const events: EndpointEvent[] = [];
  const about = { account_uuid, endpoint };
  const timestamp = changedAt.toISOString();
  if (changed && failing) events.push({ type: "endpoint.failing", timestamp, data: { ...about, reason } });
  if (changed && !failing) events.push({ type: "endpoint.recovered", timestamp, data: about });
  if (untold.exhausted > 0) {
    const data = { ...about, reason, count: untold.exhausted, webhook_ids: untold.exhaustedIds };
    events.push({ type: "webhook.exhausted", timestamp: new Date(now).toISOString(), data });
  }
  return events;
}

/**
 * Makes webhooks of the events that are due, and marks their rows in the same transaction, so that nothing is reported twice or
 * lost. Returns how many were made, and whether there may be more.
 */
export async function tellEvents(pool: Pool, now: number): Promise<{ told: number; more: boolean }> {
  return transaction(pool, async (client) => {
    const untold = await dueToTell(client, INTERVAL_MS, MOST_AT_ONCE);
    if (untold.length === 0) return { told: 0, more: false };
    const webhooks = untold.flatMap((one) =>
      eventsOf(one, now).map((event): NewWebhook => {
        const { accountId, eventsUrl: url, eventsEndpoint: endpoint } = one;
        const kind = KIND_LETTERS.event;
        return { id: newBatchId(now), accountId, kind, url, endpoint, body: JSON.stringify(event) };
      }),
    );
    await insertWebhooks(client, webhooks);
    await markTold(client, untold);
    return { told: webhooks.length, more: untold.length === MOST_AT_ONCE };
  });
}
