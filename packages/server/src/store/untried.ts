import { firstIdAt, newBatchId } from "../message/id.ts";
import { columns, type Database } from "./database.ts";
import type { OpenRow } from "./open-rows.ts";

/** A webhook in hand that has no row yet, and what that is to hold. */
export interface UntriedWebhook {
  accountId: number;
  id: string;
  url: string;
  endpoint: number;
}

/** For the webhooks that a statement is about to hand to this worker (migrations/0008_untried.sql). */
export function newUntried(): OpenRow {
  return { id: newBatchId(Date.now()), left: 0 };
}

const NAMES = ["accountId", "id", "url", "endpoint"] as const satisfies readonly (keyof UntriedWebhook)[];

const WRITE = `
WITH gone AS (
  DELETE FROM untried WHERE id = ANY ($6::uuid[])
)
INSERT INTO webhook (account_id, id, url, endpoint, next_at, leased_by)
SELECT account_id, id, url, endpoint, now(), $5 FROM unnest($1::int[], $2::uuid[], $3::text[], $4::int[])
  AS t (account_id, id, url, endpoint)
ON CONFLICT (account_id, id) DO NOTHING`;

/**
 * Gives webhooks their rows before a try; one that another worker has taken over has one already, and keeps it.
 * @param leasedBy 0 leaves them to be claimed
 * @param ended what they are the last of
 */
export async function writeUntried(
  db: Database,
  hooks: readonly UntriedWebhook[],
  leasedBy: number,
  ended: readonly string[],
): Promise<void> {
  await db.query({ name: "write-untried", text: WRITE, values: [...columns(hooks, NAMES), leasedBy, ended] });
}

/** Untried webhooks as rows that wait to be claimed; those that have a row keep it. `which` is of `untried_webhook u`. */
function spilled(which: string): string {
  return `
INSERT INTO webhook (account_id, id, url, endpoint, next_at, leased_by)
SELECT u.account_id, u.id, coalesce(m.callback, b.callback), coalesce(m.endpoint, b.endpoint), now(), 0
FROM untried_webhook u JOIN message m ON m.id = u.id LEFT JOIN batch b ON b.id = m.batch_id
WHERE ${which} AND coalesce(m.callback, b.callback) IS NOT NULL
ON CONFLICT (account_id, id) DO NOTHING`;
}

/**
 * Ends the untried rows that `which` says: those of their webhooks that have no row get one, to be claimed. A webhook
 * whose first try is being recorded at this moment has the one or the other, by its key.
 */
export function spillUntried(which: string): string {
  return `
WITH RECURSIVE ${which}, ended AS (
  DELETE FROM untried WHERE id IN (SELECT id FROM which)
)
${spilled("u.untried IN (SELECT id FROM which)")}`;
}

/** Gives these webhooks of a worker's rows, to be claimed; answers how many had none. */
export async function spillWebhooks(db: Database, ids: readonly string[], worker: number): Promise<number> {
  const text = spilled("u.worker = $2 AND u.id = ANY ($1::uuid[])");
  return (await db.query({ text, values: [ids, worker] })).rowCount ?? 0;
}

/** Of `webhook h`: that of `u`. */
const ITS_ROW = "h.account_id = u.account_id AND h.id = u.id";

const WITHOUT_ROW = `
SELECT u.account_id AS "accountId", u.id FROM untried_webhook u
WHERE u.worker = $1 AND u.untried < $2 AND NOT EXISTS (SELECT FROM webhook h WHERE ${ITS_ROW})`;

/**
 * The webhooks that a worker is to have in hand and that have no row.
 * @param until became final until then, in epoch milliseconds: all but a few of the others have their try ahead
 */
export async function untriedWebhooks(
  db: Database,
  worker: number,
  until: number,
): Promise<{ accountId: number; id: string }[]> {
  const values = [worker, firstIdAt(until)];
  return (await db.query<{ accountId: number; id: string }>({ name: "untried-webhooks", text: WITHOUT_ROW, values }))
    .rows;
}

/**
 * Ends untried rows of which each webhook has its row although the last ones got theirs from several statements at once.
 * @param until those that were made until then, in epoch milliseconds
 */
export async function endTried(db: Database, worker: number, until: number): Promise<void> {
  const text = `
DELETE FROM untried t WHERE t.worker = $1 AND t.id < $2 AND NOT EXISTS (
  SELECT FROM unnest(t.ids, t.account_ids) AS u (id, account_id)
  WHERE NOT EXISTS (SELECT FROM webhook h WHERE ${ITS_ROW}))`;
  await db.query({ name: "end-tried", text, values: [worker, firstIdAt(until)] });
}
