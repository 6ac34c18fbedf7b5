import type { Database } from "../database.ts";
import type { HistoryPage } from "../handsets/handset-history.ts";
import type { PendingPlace } from "./pending-batches.ts";

/** Batches that are looked at in one statement; one may have 100,000 numbers. */
const PAGE = 200;

const FIND = `
WITH scanned AS MATERIALIZED (
  SELECT id, at FROM pending_batch
  WHERE account_id = $1 AND (at, id) > (coalesce(to_timestamp($3::float8 / 1000), '-infinity'), $4::uuid)
  ORDER BY at, id LIMIT ${PAGE}
)
SELECT s.id, NULL::float8 AS at FROM scanned s JOIN pending_batch p ON p.id = s.id WHERE p.destinations @> ARRAY[$2::bigint]
UNION ALL
(SELECT id, extract(epoch FROM at)::float8 * 1000 FROM scanned ORDER BY scanned.at, id OFFSET ${PAGE - 1})`;

/** An account's batches that are held and have a handset among their numbers. */
export async function pendingBatchesTo(
  db: Database,
  handset: string,
  accountId: number,
  after: PendingPlace | null,
): Promise<HistoryPage<string, PendingPlace>> {
  const { rows } = await db.query<{ id: string; at: number | null }>({
    name: "pending-batches-to-handset",
    text: FIND,
    values: [accountId, handset, after?.at ?? null, after?.id ?? "00000000-0000-0000-0000-000000000000"],
  });
  const last = rows.find(({ at }) => at !== null);
  return {
    found: rows.flatMap(({ id, at }) => (at === null ? [id] : [])),
    next: last === undefined ? null : { id: last.id, at: last.at as number },
  };
}

/**
 * A number's place in its batch stays, empty, so that the others keep their identifiers; the batch counts one less. One
 * that is empty then is forgotten, as when it is cancelled.
 */
const TAKE_OUT = `
WITH held AS (
  SELECT p.id, p.cost > 0 AS priced, b.parts, b.total, coalesce(b.given_id, b.id) AS "visibleId"
  FROM pending_batch p JOIN batch b ON b.id = p.id
  WHERE p.id = $1 AND array_position(p.destinations, $2::bigint) > p.released
  FOR UPDATE OF p
), left_out AS (
  UPDATE pending_batch p
  SET destinations = array_replace(p.destinations, $2::bigint, NULL),
      cost = p.cost - CASE WHEN h.priced THEN h.parts ELSE 0 END
  FROM held h WHERE p.id = h.id AND h.total > 1
), counted AS (
  UPDATE batch b SET total = b.total - 1 FROM held h WHERE b.id = h.id AND h.total > 1
), emptied AS (
  DELETE FROM pending_batch p USING held h WHERE p.id = h.id AND h.total = 1
), forgotten AS (
  DELETE FROM batch b USING held h WHERE b.id = h.id AND h.total = 1
)
SELECT "visibleId", CASE WHEN priced THEN parts::int ELSE 0 END AS cost FROM held`;

/**
 * Takes a handset out of a batch that is held, unless its message is made already; answers the credits that were held
 * for it. The account's row is to be locked before, as a cancel does.
 */
export async function takeOutOfPending(
  db: Database,
  batchId: string,
  handset: string,
): Promise<{ visibleId: string; cost: number } | null> {
  const { rows } = await db.query<{ visibleId: string; cost: number }>({ text: TAKE_OUT, values: [batchId, handset] });
  return rows[0] ?? null;
}
