import { batchOf, messageId } from "../../message/id.ts";
import { DELIVERED, FAILED } from "../../message/lifecycle.ts";
import type { Database } from "../database.ts";
import { BUFFERED } from "./bundles.ts";

export interface BatchCounts {
  total: number;
  delivered: number;
  failed: number;
}

/** A batch as its account sees it; `messageId` where it is the batch of a single message. */
export interface BatchStatus {
  id: string;
  /** The identifier that callers know: the given one where there was one. */
  visibleId: string;
  counts: BatchCounts;
}

/**
 * Six index reads whatever the batch's size: a batch row with its few sums, or a single message's own row. One that has
 * none yet is looked for among what is in memory.
 */
const TEXT = `
WITH named AS (
  SELECT coalesce((SELECT id FROM given_id WHERE account_id = $1 AND given = $2 AND kind = 'b'), $2::uuid) AS id
)
SELECT b.id, coalesce(b.given_id, b.id) AS visible_id, b.total, coalesce(c.delivered, 0)::int AS delivered,
       coalesce(c.failed, 0)::int AS failed
FROM named n
JOIN batch b ON b.id = n.id
LEFT JOIN LATERAL (SELECT sum(delivered) AS delivered, sum(failed) AS failed FROM batch_count WHERE batch_id = b.id) c ON true
WHERE b.account_id = $1 AND (b.given_id IS NULL OR b.given_id = $2)
UNION ALL
SELECT $2::uuid, $2::uuid, 1, (m.state = ${DELIVERED})::int, (m.state = ${FAILED})::int
FROM message m
WHERE m.id = $3::uuid AND m.account_id = $1 AND m.batch_id IS NULL
UNION ALL
SELECT $2::uuid, $2::uuid, 1, 0, 0
FROM bundled_message m
WHERE NOT EXISTS (SELECT FROM message WHERE id = $3::uuid) AND ${BUFFERED} AND $3::uuid = ANY (m.ids)
  AND m.id = $3::uuid AND m.account_id = $1`;

/** @returns null where this account has no such batch */
export async function batchStatus(db: Database, accountId: number, identifier: string): Promise<BatchStatus | null> {
  const { rows } = await db.query<{ id: string; visible_id: string; total: number; delivered: number; failed: number }>(
    {
      name: "batch-status",
      text: TEXT,
      values: [accountId, identifier, identifier === batchOf(identifier) ? messageId(identifier, 1) : null],
    },
  );
  const row = rows[0];
  if (row === undefined) return null;
  const { id, visible_id: visibleId, total, delivered, failed } = row;
  return { id, visibleId, counts: { total, delivered, failed } };
}
