import type { WebhookFilter, WebhookState } from "@messaging-plus/sdk";
import { timeText } from "../parts/field.tsx";
import { fieldsOf } from "../route.ts";

export const WEBHOOK_STATES: readonly WebhookState[] = ["pending", "delivered", "exhausted"];

/** What the list of webhooks can be filtered by, in the order of the form. */
const FIELDS = ["state", "endpoint", "batch", "from", "to"] as const;
/** As they stand in the form and in the address: empty where they do not filter, times in the reader's zone. */
export type FilterFields = Record<(typeof FIELDS)[number], string>;

export const webhookFields = (query: URLSearchParams): FilterFields => fieldsOf(FIELDS, query);

/** The same as the API takes them. */
export function filterOf({ state, endpoint, batch, from, to }: FilterFields): WebhookFilter {
  return {
    // The server says what it thinks of a state that somebody wrote into the address.
    state: (state as WebhookState) || undefined,
    endpoint: endpoint || undefined,
    batch: batch || undefined,
    from: timeText(from),
    to: timeText(to),
  };
}
