import { columns, type Database } from "../database.ts";
import type { ReceiptRow } from "./record-receipts.ts";

const NAMES = [
  "carrier",
  "carrierMessageId",
  "destination",
  "state",
  "code",
  "events",
] as const satisfies readonly (keyof ReceiptRow)[];

const PARK = `
INSERT INTO parked_receipt (carrier, carrier_message_id, destination, state, code, events)
SELECT * FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::smallint[], $5::smallint[], $6::text[])
RETURNING id`;

/** Keeps receipts whose message is not known yet. Answers their rows' ids, in the same order. */
export async function parkReceipts(db: Database, rows: readonly ReceiptRow[]): Promise<number[]> {
  return (await db.query<{ id: number }>({ text: PARK, values: columns(rows, NAMES) })).rows.map(({ id }) => id);
}

/**
 * Takes out parked receipts that are due to be matched again; those that stay unmatched are parked anew with a longer
 * wait, so that receipts for messages that are not ours cost ever less.
 */
const TAKE = `
UPDATE parked_receipt SET next_at = now() + greatest(interval '1 second', (now() - received_at) / 2)
WHERE id IN (SELECT id FROM parked_receipt WHERE next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id, carrier, carrier_message_id, destination::text AS destination, state, code, events`;

export interface ParkedReceipt extends ReceiptRow {
  parkedId: number;
}

export async function dueParkedReceipts(db: Database, limit: number): Promise<ParkedReceipt[]> {
  const { rows } = await db.query<{
    id: number;
    carrier: number;
    carrier_message_id: string;
    destination: string;
    state: number;
    code: number;
    events: string | null;
  }>({ name: "due-parked-receipts", text: TAKE, values: [limit] });
  return rows.map(({ id: parkedId, carrier_message_id: carrierMessageId, ...row }) => ({
    parkedId,
    carrierMessageId,
    ...row,
  }));
}

export async function deleteParkedReceipts(db: Database, ids: readonly number[]): Promise<void> {
  await db.query({ text: "DELETE FROM parked_receipt WHERE id = ANY ($1::bigint[])", values: [ids] });
}

/** Drops what is older than a day; answers how many. */
export async function dropOldParkedReceipts(db: Database): Promise<number> {
  const { rowCount } = await db.query({
    name: "drop-old-parked-receipts",
    text: "DELETE FROM parked_receipt WHERE received_at < now() - interval '1 day'",
  });
  return rowCount ?? 0;
}
