import { columns, type Database } from "./database.ts";

/** A part of a long message as the carrier took it. */
export interface PartRow {
  messageId: string;
  part: number;
  carrier: number;
  carrierMessageId: string | null;
}

const PART_NAMES = ["messageId", "part", "carrier", "carrierMessageId"] as const satisfies readonly (keyof PartRow)[];

/** A message that was sent again has new ids for its parts: the last ones stand. */
const INSERT = `
INSERT INTO message_part (message_id, part, carrier, carrier_message_id, state)
SELECT message_id, part, carrier, carrier_message_id, 1
FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::text[]) AS t (message_id, part, carrier, carrier_message_id)
ON CONFLICT (message_id, part) DO UPDATE
SET carrier = excluded.carrier, carrier_message_id = excluded.carrier_message_id, state = 1, code = NULL`;

export async function insertParts(db: Database, rows: readonly PartRow[]): Promise<void> {
  await db.query({ text: INSERT, values: columns(rows, PART_NAMES) });
}

export interface PartReceipt {
  messageId: string;
  part: number;
  state: number;
  code: number;
}

const RECEIPT_NAMES = ["messageId", "part", "state", "code"] as const satisfies readonly (keyof PartReceipt)[];

/** Records the receipts of parts and answers all parts of those messages, in order. */
const RECORD = `
UPDATE message_part p SET state = r.state, code = r.code
FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::smallint[]) AS r (message_id, part, state, code)
WHERE p.message_id = r.message_id AND p.part = r.part AND p.state = 1`;

const SELECT = `
SELECT message_id, state, code FROM message_part WHERE message_id = ANY ($1::uuid[]) ORDER BY message_id, part`;

export interface PartState {
  message_id: string;
  state: number;
  code: number | null;
}

export async function recordPartReceipts(db: Database, rows: readonly PartReceipt[]): Promise<PartState[]> {
  await db.query({ text: RECORD, values: columns(rows, RECEIPT_NAMES) });
  const result = await db.query<PartState>({ text: SELECT, values: [[...new Set(rows.map((row) => row.messageId))]] });
  return result.rows;
}
