import type { Database } from "./database.ts";

export interface MessageDetail {
  id: string;
  visibleId: string;
  destination: string;
  state: number;
  code: number | null;
}

/** A page of a batch's messages, in the order in which they were given: a range of the primary key. */
const TEXT = `
SELECT id, coalesce(given_id, id) AS visible_id, destination::text AS destination, state, code
FROM message WHERE id > $1 AND id <= $2 AND account_id = $3
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
    values: [after, last, accountId, limit],
  });
  return rows.map(({ visible_id: visibleId, ...row }) => ({ ...row, visibleId }));
}
