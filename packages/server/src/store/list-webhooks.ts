import { kindOf, type WebhookKind } from "../message/webhook.ts";
import type { Database } from "./database.ts";

/** Which of an account's webhooks. */
export interface WebhookFilter {
  accountId: number;
  /** 0 pending, 1 delivered, 2 exhausted; null any. */
  state: number | null;
  endpoint: number | null;
  /** The lowest and the highest id. */
  first: string;
  last: string;
}

export interface WebhookRow {
  id: string;
  kind: WebhookKind;
  state: number;
  url: string;
  tries: number;
  nextAt: Date | null;
  /** What is sent; null for a receipt, whose body follows from its message. */
  body: string | null;
  /** The last try as JSON; null before the first. */
  lastAttempt: string | null;
  givenId: string | null;
  batchId: string | null;
  batchGivenId: string | null;
}

/**
 * Rows that one page looks at where not all of them match: for each that it is to have so many, which is enough where
 * most do; and if it was not, so many in all: what is rare comes in short pages.
 */
const SCANNED_PER_ROW = 4;
const MOST_SCANNED = 20_000;

/**
 * A page of an account's webhooks, the newest first. Exhausted ones have an index of their own; so have those that wait,
 * whosever they are (`account_id + 0` leaves the planner that one); all others are read in the order of the primary key.
 * Only what matches is read whole.
 */
const textFor = (condition: string): string => `
WITH scanned AS MATERIALIZED (
  SELECT id, endpoint, state FROM webhook
  WHERE ${condition} AND id >= $2 AND id <= $3 AND id < $7
  ORDER BY id DESC LIMIT $8
), matching AS MATERIALIZED (
  SELECT id FROM scanned
  WHERE ($4::smallint IS NULL OR state = $4) AND ($5::int IS NULL OR endpoint = $5)
  ORDER BY id DESC LIMIT $6
)
SELECT h.id, h.kind, h.state, h.url, h.tries, h.next_at AS "nextAt", h.body,
       h.attempts[cardinality(h.attempts)] AS "lastAttempt",
       m.given_id AS "givenId", m.batch_id AS "batchId", b.given_id AS "batchGivenId", NULL::uuid AS end
FROM matching x
JOIN webhook h ON h.account_id = $1 AND h.id = x.id
LEFT JOIN message m ON h.kind IS NULL AND m.id = h.id
LEFT JOIN batch b ON b.id = m.batch_id
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, id
FROM (SELECT id FROM scanned ORDER BY id DESC OFFSET $8 - 1 LIMIT 1) AS last`;

const TEXTS = {
  any: textFor("account_id = $1"),
  pending: textFor("account_id + 0 = $1 AND next_at IS NOT NULL AND leased_by >= 0"),
  exhausted: textFor("account_id = $1 AND state = 2"),
};

export interface WebhookPage {
  rows: WebhookRow[];
  /** Where the look ended before it came to the end: the next page begins below it. Null where `rows` tells. */
  end: string | null;
}

/** @param before the id that the page begins below */
export async function listWebhooks(
  db: Database,
  filter: WebhookFilter,
  before: string,
  limit: number,
): Promise<WebhookPage> {
  // Delivered ones have no index of their own: in the order of the primary key others are among them.
  const matchAll = filter.endpoint === null && filter.state !== 1;
  const page = await look(db, filter, before, limit, matchAll ? limit : SCANNED_PER_ROW * limit);
  if (matchAll || page.end === null || page.rows.length === limit) return page;
  return look(db, filter, before, limit, MOST_SCANNED);
}

async function look(
  db: Database,
  { accountId, state, endpoint, first, last }: WebhookFilter,
  before: string,
  limit: number,
  scanned: number,
): Promise<WebhookPage> {
  const name = state === 0 ? "pending" : state === 2 ? "exhausted" : "any";
  const { rows } = await db.query<Omit<WebhookRow, "kind"> & { kind: string | null; end: string | null }>({
    name: `list-webhooks ${name}`,
    text: TEXTS[name],
    values: [accountId, first, last, state, endpoint, limit, before, scanned],
  });
  const found = rows.flatMap(({ kind, end, ...row }) => (end === null ? [{ ...row, kind: kindOf(kind) }] : []));
  found.sort((left, right) => (left.id < right.id ? 1 : -1));
  return { rows: found, end: rows.find(({ end }) => end !== null)?.end ?? null };
}
