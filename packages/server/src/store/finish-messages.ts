import { columns, type Database, lowestId, rowsOf } from "./database.ts";
import { type FinalRow, finalsTail, MOVED, type WebhookLease } from "./finals.ts";

export interface FinishRow {
  id: string;
  state: number;
  code: number;
}

const NAMES = ["id", "state", "code"] as const satisfies readonly (keyof FinishRow)[];

/** Makes submitted messages final by their own id: long messages, receipts matched the long way, and the sweep. */
const TEXT = `
WITH moved AS (
  UPDATE message m
  SET state = f.state, code = f.code, final_at = now()
  FROM ${rowsOf("$1::uuid[], $2::smallint[], $3::smallint[]", "$7")} AS f (id, state, code)
  WHERE m.id = f.id AND m.id >= $8 AND m.state = 1
  RETURNING ${MOVED}
), ${finalsTail("$4", "$5", "$6")}
SELECT * FROM owed`;

export async function finishMessages(
  db: Database,
  rows: readonly FinishRow[],
  worker: number,
  lease: WebhookLease,
): Promise<FinalRow[]> {
  const { rows: moved } = await db.query<FinalRow>({
    name: "finish-messages",
    text: TEXT,
    values: [...columns(rows, NAMES), worker, lease.worker, lease.full, rows.length, lowestId(rows)],
  });
  return moved;
}

/** Keeps the carrier's word that it does not know (UNKNOWN): the code that the message gets if no better one comes. */
export async function noteUnconfirmed(db: Database, rows: readonly { id: string; code: number }[]): Promise<void> {
  await db.query({
    text: `UPDATE message m SET code = f.code FROM ${rowsOf("$1::uuid[], $2::smallint[]", "$3")} AS f (id, code)
           WHERE m.id = f.id AND m.state = 1`,
    values: [...columns(rows, ["id", "code"]), rows.length],
  });
}
