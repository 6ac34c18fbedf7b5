import { mayMoveAny } from "../../message/lifecycle.ts";
import { columns, type Database } from "../database.ts";
import { isCurrentPart } from "./fall-back.ts";

export interface PartReceipt {
  messageId: string;
  part: number;
  state: number;
  code: number;
}

const RECEIPT_NAMES = ["messageId", "part", "state", "code"] as const satisfies readonly (keyof PartReceipt)[];

/** In the order of the ids, so that two programs do not wait for each other. */
const LOCK = "SELECT FROM message WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE";

const RECORD = `
UPDATE message_part p SET state = r.state, code = r.code
FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::smallint[]) AS r (message_id, part, state, code)
WHERE p.message_id = r.message_id AND p.part = r.part AND ${mayMoveAny("finish", "p")}`;

const SELECT = `
SELECT message_id, state, code FROM message_part WHERE message_id = ANY ($1::uuid[]) AND ${isCurrentPart("part")} ORDER BY message_id, part`;

export interface PartState {
  message_id: string;
  state: number;
  code: number | null;
}

/**
 * Records the receipts of parts and answers all parts of those messages, in order. Within the transaction that also
 * makes the messages final: their rows are locked, so that of two programs that have a part's receipt each the second
 * sees the first one's, and no crash leaves all parts final and the message open.
 */
export async function recordPartReceipts(db: Database, rows: readonly PartReceipt[]): Promise<PartState[]> {
  const ids = [...new Set(rows.map((row) => row.messageId))];
  await db.query({ text: LOCK, values: [ids] });
  await db.query({ text: RECORD, values: columns(rows, RECEIPT_NAMES) });
  return (await db.query<PartState>({ text: SELECT, values: [ids] })).rows;
}
