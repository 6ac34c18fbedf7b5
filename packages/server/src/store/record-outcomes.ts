import { columns, type Database, lowestId, rowsOf } from "./database.ts";
import { type FinalRow, finalsTail, MOVED, type WebhookLease } from "./finals.ts";

/** What became of the submission of one message. */
export interface OutcomeRow {
  id: string;
  /** SUBMITTED, or a final state: refused, out of time, or its receipt met the submit's answer. */
  state: number;
  carrier: number | null;
  carrierMessageId: string | null;
  code: number | null;
}

const NAMES = ["id", "state", "carrier", "carrierMessageId", "code"] as const satisfies readonly (keyof OutcomeRow)[];

/**
 * Send: the outcomes of a flush in one update. Only rows that are still this worker's move: what another has taken over
 * meanwhile stays as that one left it, and is missing from `recorded`. `leased_by + 0` keeps the index of waiting rows
 * out of the plan, which looks cheap as long as the table is empty.
 */
const TEXT = `
WITH moved AS (
  UPDATE message m
  SET state = o.state, carrier = o.carrier, carrier_message_id = o.carrier_message_id, code = o.code,
      next_at = NULL, leased_by = 0, final_at = CASE WHEN o.state >= 2 THEN now() END
  FROM ${rowsOf("$1::uuid[], $2::smallint[], $3::smallint[], $4::text[], $5::smallint[]", "$9")}
    AS o (id, state, carrier, carrier_message_id, code)
  WHERE m.id = o.id AND m.id >= $10 AND m.state = 0 AND m.leased_by + 0 = $6
  RETURNING ${MOVED}
), ${finalsTail("$6", "$7", "$8")}
SELECT * FROM owed`;

export async function recordOutcomes(
  db: Database,
  rows: readonly OutcomeRow[],
  worker: number,
  lease: WebhookLease,
): Promise<{ recorded: Set<string>; finals: FinalRow[] }> {
  const { rows: moved } = await db.query<FinalRow>({
    name: "record-outcomes",
    text: TEXT,
    values: [...columns(rows, NAMES), worker, lease.worker, lease.full, rows.length, lowestId(rows)],
  });
  return { recorded: new Set(moved.map((row) => row.id)), finals: moved.filter((row) => row.state >= 2) };
}
