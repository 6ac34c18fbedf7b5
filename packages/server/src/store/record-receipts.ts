import { columns, type Database, rowsOf } from "./database.ts";
import { type FinalRow, finalsTail, MOVED, type WebhookLease } from "./finals.ts";

/** A final receipt of a carrier, to be matched by the id that the carrier gave. */
export interface ReceiptRow {
  carrier: number;
  carrierMessageId: string;
  /** The handset, as digits. */
  destination: string;
  state: number;
  code: number;
}

const NAMES = [
  "carrier",
  "carrierMessageId",
  "destination",
  "state",
  "code",
] as const satisfies readonly (keyof ReceiptRow)[];

/**
 * Receipt, the usual case: the id and the handset are those of a submitted message of one part. `since` bounds the ids,
 * because carriers' ids repeat, and so that no old partition is opened. One index read per receipt, flat with a million outstanding in any order.
 */
const TEXT = `
WITH moved AS (
  UPDATE message m
  SET state = r.state, code = r.code, final_at = now()
  FROM ${rowsOf("$1::smallint[], $2::text[], $3::bigint[], $4::smallint[], $5::smallint[]", "$10")}
    AS r (carrier, carrier_message_id, destination, state, code)
  WHERE m.carrier_message_id = r.carrier_message_id AND m.carrier = r.carrier AND m.destination = r.destination
    AND m.id >= $6 AND m.state = 1 AND m.parts = 1
  RETURNING ${MOVED}
), ${finalsTail("$7", "$8", "$9")}
SELECT * FROM owed`;

export async function recordReceipts(
  db: Database,
  rows: readonly ReceiptRow[],
  since: string,
  worker: number,
  lease: WebhookLease,
): Promise<FinalRow[]> {
  const { rows: moved } = await db.query<FinalRow>({
    name: "record-receipts",
    text: TEXT,
    values: [...columns(rows, NAMES), since, worker, lease.worker, lease.full, rows.length],
  });
  return moved;
}
