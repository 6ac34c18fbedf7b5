import { batchOf } from "../../message/id.ts";
import { DELIVERED, FAILED } from "../../message/lifecycle.ts";
import { type Connections, transaction } from "../database.ts";
import { listMessages } from "./list-messages.ts";
import { isViewers } from "./message-row.ts";
import { type MessageFilter, SEARCH_SETTINGS } from "./message-search.ts";

/** A batch, or a message that is a batch of its own. */
export interface BatchRow {
  id: string;
  visibleId: string;
  /** The account's identifier. */
  account: string;
  sender: string;
  total: number;
  parts: number;
  delivered: number;
  failed: number;
  /** When it is sent, in epoch milliseconds, while it is held for that time. */
  pendingUntil: number | null;
}

export interface BatchPage {
  /** The newest first. */
  rows: BatchRow[];
  /** The id that the next page begins below; null at the end. */
  next: string | null;
}

const textFor = (filter: MessageFilter): string => `
SELECT b.id, coalesce(b.given_id, b.id) AS "visibleId", a.identifier AS account, b.sender, b.total, b.parts,
       coalesce(c.delivered, 0)::int AS delivered, coalesce(c.failed, 0)::int AS failed,
       extract(epoch FROM p.at) * 1000 AS "pendingUntil"
FROM (
  SELECT m.* FROM batch m
  WHERE m.id < $3 AND m.id <= $4 AND m.id >= $5 AND ${isViewers(filter.viewer, "$1", "$2")}
    AND ($6::text IS NULL OR m.sender = $6)
  ORDER BY m.id DESC LIMIT $7
) b
JOIN account a ON a.id = b.account_id
LEFT JOIN LATERAL (SELECT sum(delivered) AS delivered, sum(failed) AS failed FROM batch_count WHERE batch_id = b.id) c ON true
LEFT JOIN pending_batch p ON p.id = b.id
ORDER BY b.id DESC`;

/** A page of batches, the newest first. It may be short, as `listMessages`' are. */
export async function listBatches(
  database: Connections,
  filter: MessageFilter,
  before: string,
  limit: number,
): Promise<BatchPage> {
  const singles = await listMessages(database, { ...filter, single: true }, before, limit);
  // So far the messages are known.
  const first = singles.next === null ? filter.first : batchOf(singles.next);
  const { viewer, last, sender } = filter;
  const values = [viewer.accountId, viewer.organizationId, before, last, first, sender, limit + 1];
  const { rows: batches } = await transaction(database, async (client) => {
    await client.query(SEARCH_SETTINGS);
    return client.query<Omit<BatchRow, "pendingUntil"> & { pendingUntil: string | null }>(textFor(filter), values);
  });
  const rows: BatchRow[] = batches.map((row) => ({
    ...row,
    pendingUntil: row.pendingUntil === null ? null : Number(row.pendingUntil),
  }));
  for (const { id, account, sender: from, parts, state } of singles.rows) {
    rows.push({
      id: batchOf(id),
      visibleId: batchOf(id),
      account,
      sender: from ?? "",
      total: 1,
      parts,
      delivered: Number(state === DELIVERED),
      failed: Number(state === FAILED),
      pendingUntil: null,
    });
  }
  rows.sort((one, other) => (one.id < other.id ? 1 : -1));
  if (rows.length <= limit) return { rows, next: singles.next === null ? null : first };
  const shown = rows.slice(0, limit);
  return { rows: shown, next: shown.at(-1)?.id ?? null };
}
