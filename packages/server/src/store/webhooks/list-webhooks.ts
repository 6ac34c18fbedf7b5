import { kindOf, WEBHOOK, type WebhookKind } from "../../message/webhook.ts";
import type { Database } from "../database.ts";
import { NOT_DUE } from "./leased-by.ts";

/** Which of an account's webhooks. */
export interface WebhookFilter {
  accountId: number;
  /** 0 pending, 1 delivered, 2 exhausted; null any. */
  state: number | null;
  endpoint: number | null;
  /** The lowest and the highest id. */
  first: string;
  last: string;
  /** Only of these ids, where given. */
  ids?: readonly string[] | undefined;
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

const IN_RANGE = "id >= $2 AND id <= $3 AND id < $7";

const rowsWhere = (condition: string): string => `
  SELECT id, endpoint, state FROM webhook WHERE ${condition} AND ${IN_RANGE} ORDER BY id DESC LIMIT $8`;

/**
 * The webhooks that have no row before their first try: as many as are in nodes' hands at most. (OFFSET 0 has them
 * sorted first, and looked for among the rows only until the page is full: 50 ms less with 8,000 in memory.)
 */
const bundledWhere = (condition: string): string => `
  SELECT u.id, coalesce(m.endpoint, b.endpoint) AS endpoint, ${WEBHOOK.pending} AS state
  FROM (
    SELECT id FROM (
      SELECT id FROM bundled_webhook WHERE ${condition} AND ${IN_RANGE} ORDER BY id DESC OFFSET 0
    ) AS sorted
    WHERE NOT EXISTS (SELECT FROM webhook h WHERE h.account_id = $1 AND h.id = sorted.id)
    ORDER BY id DESC LIMIT $8
  ) u JOIN message m ON m.id = u.id LEFT JOIN batch b ON b.id = m.batch_id`;

const OF_ACCOUNT = "account_id = $1";
const OF_IDS = `${OF_ACCOUNT} AND id = ANY ($9::uuid[])`;

const withBundled = (rows: string, bundled = OF_ACCOUNT): string => `
  SELECT * FROM ((${rowsWhere(rows)}) UNION ALL (${bundledWhere(bundled)})) AS w ORDER BY id DESC LIMIT $8`;

/**
 * A page of an account's webhooks, the newest first. Exhausted ones have an index of their own; so have those that wait,
 * whosever they are (`account_id + 0` leaves the planner that one); all others are read in the order of the primary key.
 * Only what matches is read whole. What has no row yet stands as its message says, and waits since that is final.
 */
const textFor = (rows: string): string => `
WITH scanned AS MATERIALIZED (${rows}
), matching AS MATERIALIZED (
  SELECT id FROM scanned
  WHERE ($4::smallint IS NULL OR state = $4) AND ($5::int IS NULL OR endpoint = $5)
  ORDER BY id DESC LIMIT $6
)
SELECT x.id, h.kind, coalesce(h.state, ${WEBHOOK.pending}) AS state, coalesce(h.url, m.callback, b.callback) AS url,
       coalesce(h.tries, 0) AS tries, CASE WHEN h.id IS NULL THEN m.final_at ELSE h.next_at END AS "nextAt", h.body,
       h.attempts[cardinality(h.attempts)] AS "lastAttempt",
       m.given_id AS "givenId", m.batch_id AS "batchId", b.given_id AS "batchGivenId", NULL::uuid AS end
FROM matching x
LEFT JOIN webhook h ON h.account_id = $1 AND h.id = x.id
LEFT JOIN message m ON h.kind IS NULL AND m.id = x.id
LEFT JOIN batch b ON b.id = m.batch_id
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, id
FROM (SELECT id FROM scanned ORDER BY id DESC OFFSET $8 - 1 LIMIT 1) AS last`;

const TEXTS = {
  any: textFor(withBundled(OF_ACCOUNT)),
  pending: textFor(withBundled(`account_id + 0 = $1 AND next_at IS NOT NULL AND leased_by >= ${NOT_DUE}`)),
  exhausted: textFor(rowsWhere(`${OF_ACCOUNT} AND state = ${WEBHOOK.exhausted}`)),
  named: textFor(withBundled(OF_IDS, OF_IDS)),
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
  if (filter.ids !== undefined) return look(db, filter, before, limit, filter.ids.length + 1);
  // Delivered ones have no index of their own: in the order of the primary key others are among them.
  const matchAll = filter.endpoint === null && filter.state !== WEBHOOK.delivered;
  const page = await look(db, filter, before, limit, matchAll ? limit : SCANNED_PER_ROW * limit);
  if (matchAll || page.end === null || page.rows.length === limit) return page;
  return look(db, filter, before, limit, MOST_SCANNED);
}

async function look(
  db: Database,
  { accountId, state, endpoint, first, last, ids }: WebhookFilter,
  before: string,
  limit: number,
  scanned: number,
): Promise<WebhookPage> {
  const byState = state === WEBHOOK.pending ? "pending" : state === WEBHOOK.exhausted ? "exhausted" : "any";
  const name = ids === undefined ? byState : "named";
  const { rows } = await db.query<Omit<WebhookRow, "kind"> & { kind: string | null; end: string | null }>({
    name: `list-webhooks ${name}`,
    text: TEXTS[name],
    values: [accountId, first, last, state, endpoint, limit, before, scanned, ...(ids === undefined ? [] : [ids])],
  });
  const found = rows.flatMap(({ kind, end, ...row }) => (end === null ? [{ ...row, kind: kindOf(kind) }] : []));
  found.sort((left, right) => (left.id < right.id ? 1 : -1));
  return { rows: found, end: rows.find(({ end }) => end !== null)?.end ?? null };
}
