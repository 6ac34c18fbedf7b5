import { WEBHOOK } from "../../message/webhook.ts";
import type { Database } from "../database.ts";
import { NOT_DUE, WAITS } from "./leased-by.ts";
import type { WebhookFilter } from "./list-webhooks.ts";

/** Attempts that a replayed webhook keeps, the newest: what is replayed again and again is not to grow for ever. */
const KEPT_ATTEMPTS = 60;

const AGAIN = `state = ${WEBHOOK.pending}, tries = 0,
    attempts = h.attempts[greatest(1, cardinality(h.attempts) - ${KEPT_ATTEMPTS - 1}):]`;

/** Nobody has it in memory. */
const FREE = `leased_by IN (${WAITS}, ${NOT_DUE})`;

const ONE = `
UPDATE webhook h SET next_at = now(), leased_by = ${WAITS}, ${AGAIN}
WHERE h.account_id = $1 AND h.id = $2 AND h.${FREE}`;

/** Has a webhook tried again now, with all its retries. False where there is none, or it is being tried as it is. */
export async function replayWebhook(db: Database, accountId: number, id: string): Promise<boolean> {
  const { rowCount } = await db.query({ name: "replay-webhook", text: ONE, values: [accountId, id] });
  return (rowCount ?? 0) > 0;
}

/** The oldest first, so that what is replayed keeps its order; each due a little later than the one before. */
const textFor = (condition: string): string => `
WITH chosen AS (
  SELECT id, row_number() OVER (ORDER BY id) AS place FROM (
    SELECT id FROM webhook
    WHERE account_id = $1 AND id >= $2 AND id <= $3 AND id > $8 AND ${condition} AND ${FREE}
      AND ($4::int IS NULL OR endpoint = $4)
    ORDER BY id LIMIT $5
  ) AS oldest
)
UPDATE webhook h
SET next_at = to_timestamp(($6::float8 + place * $7::float8) / 1000), leased_by = ${NOT_DUE}, ${AGAIN}
FROM chosen c
WHERE h.account_id = $1 AND h.id = c.id AND ${condition.replaceAll(/\b(state|next_at)\b/g, "h.$1")} AND h.${FREE}
RETURNING h.id`;

const TEXTS = [
  textFor(`state = ${WEBHOOK.pending} AND next_at IS NOT NULL`),
  textFor(`state = ${WEBHOOK.delivered}`),
  textFor(`state = ${WEBHOOK.exhausted}`),
] as const satisfies readonly string[];

export interface Replay extends WebhookFilter {
  state: 0 | 1 | 2;
  limit: number;
  /** The first is due then, epoch milliseconds. */
  from: number;
  /** From each to the next. */
  everyMs: number;
}

/**
 * Has webhooks tried again, with all their retries; answers which, the oldest first.
 * @param after the id that they come after
 */
export async function replayWebhooks(db: Database, replay: Replay, after: string): Promise<string[]> {
  const { accountId, first, last, state, endpoint, limit, from, everyMs } = replay;
  const { rows } = await db.query<{ id: string }>({
    name: `replay-webhooks ${state}`,
    text: TEXTS[state],
    values: [accountId, first, last, endpoint, limit, from, everyMs, after],
  });
  return rows.map(({ id }) => id).sort();
}
