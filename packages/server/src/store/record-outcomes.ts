import { columns, type Database } from "./database.ts";
import { type FinalRow, finalsTail, type WebhookLease } from "./finals.ts";

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
 * meanwhile stays as that one left it, and is missing from `recorded`.
 */
const TEXT = `
WITH moved AS (
  UPDATE message m
  SET state = o.state, carrier = o.carrier, carrier_message_id = o.carrier_message_id, code = o.code,
      next_at = NULL, leased_by = 0, final_at = CASE WHEN o.state >= 2 THEN now() END
  FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::text[], $5::smallint[])
    AS o (id, state, carrier, carrier_message_id, code)
  WHERE m.id = o.id AND m.state = 0 AND m.leased_by = $6
  RETURNING m.id, m.account_id, m.batch_id, m.given_id, m.destination, m.endpoint, m.callback, m.state, m.code
), ${finalsTail("$6", "$7", "$8")}
SELECT m.id, m.state, o.account_id, o.batch_id, o.given_id, o.batch_given_id, o.destination, o.code, o.url, o.endpoint
FROM moved m LEFT JOIN owed o ON o.id = m.id`;

export async function recordOutcomes(
  db: Database,
  rows: readonly OutcomeRow[],
  worker: number,
  lease: WebhookLease,
): Promise<{ recorded: Set<string>; finals: FinalRow[] }> {
  const { rows: moved } = await db.query<FinalRow>({
    name: "record-outcomes",
    text: TEXT,
    values: [...columns(rows, NAMES), worker, lease.worker, lease.full],
  });
  return { recorded: new Set(moved.map((row) => row.id)), finals: moved.filter((row) => row.state >= 2) };
}
