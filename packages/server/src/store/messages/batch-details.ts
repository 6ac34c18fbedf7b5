import { batchOf, messageId, numberOf } from "../../message/id.ts";
import { ACCEPTED } from "../../message/lifecycle.ts";
import type { Database } from "../database.ts";
import { BUFFERED } from "./bundles.ts";

export interface MessageDetail {
  id: string;
  visibleId: string;
  /** Null where it was erased. */
  destination: string | null;
  state: number;
  code: number | null;
}

const WITHOUT_ROW = "NOT EXISTS (SELECT FROM message w WHERE w.id = m.id)";

/**
 * A page of a batch's messages, in the order in which they were given: a range of the primary key, with what has no row
 * yet from the batch's bundles (or, for a message that is a batch of its own, from those in memory), and behind it what is
 * held for its time. The places of handsets that were erased are empty there: total counts them, and
 * the batch's own total does not.
 */
const TEXT = `
(SELECT id, coalesce(given_id, id) AS visible_id, nullif(destination, 0)::text AS destination, state, code
 FROM message WHERE id > $1 AND id <= $2 AND account_id = $3
 ORDER BY id LIMIT $4)
UNION ALL
(SELECT m.id, coalesce(m.given_id, m.id), m.destination::text, ${ACCEPTED}, NULL
 FROM bundled_message m
 WHERE m.bundle_account = $3 AND m.bundle > $5 AND m.bundle <= $2 AND m.ids[cardinality(m.ids)] > $1 AND m.id > $1 AND m.id <= $2
   AND m.account_id = $3 AND ${WITHOUT_ROW}
 ORDER BY m.bundle, m.id LIMIT $4)
UNION ALL
(SELECT m.id, coalesce(m.given_id, m.id), m.destination::text, ${ACCEPTED}, NULL
 FROM bundled_message m
 WHERE ${BUFFERED} AND $7::uuid = ANY (m.ids) AND m.id = $7 AND m.id > $1 AND m.account_id = $3
   AND ${WITHOUT_ROW})
UNION ALL
(SELECT h.id, coalesce(h.given_id, h.id), h.destination::text, ${ACCEPTED}, NULL
 FROM (
   SELECT (left(p.id::text, 31) || lpad(to_hex(greatest(p.released, $6) + n), 5, '0'))::uuid AS id, p.given_id, destination
   FROM pending_batch p JOIN batch b ON b.id = p.id CROSS JOIN LATERAL unnest(
     p.destinations[greatest(p.released, $6) + 1 : greatest(p.released, $6) + $4 + p.total - b.total]
   ) WITH ORDINALITY AS u (destination, n)
   WHERE p.id = $5 AND p.account_id = $3 AND destination IS NOT NULL
 ) h ORDER BY h.id)
ORDER BY id LIMIT $4`;

export async function batchDetails(
  db: Database,
  accountId: number,
  after: string,
  last: string,
  limit: number,
): Promise<MessageDetail[]> {
  const { rows } = await db.query<Omit<MessageDetail, "visibleId"> & { visible_id: string }>({
    name: "batch-details",
    text: TEXT,
    values: [after, last, accountId, limit, batchOf(last), numberOf(after), messageId(batchOf(last), 1)],
  });
  return rows.map(({ visible_id: visibleId, ...row }) => ({ ...row, visibleId }));
}
