import { columns, type Database } from "./database.ts";
import { type FinalRow, finalsTail, MOVED, type WebhookLease } from "./finals.ts";
import type { Partitions } from "./partition-names.ts";

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
 * meanwhile stays as that one left it, and is missing from `recorded`. `leased_by + 0` leaves the planner one index.
 */
const textFor = (partition: string): string => `
WITH moved AS (
  UPDATE ${partition} m
  SET state = o.state, carrier = o.carrier, carrier_message_id = o.carrier_message_id, code = o.code,
      next_at = NULL, leased_by = 0, final_at = CASE WHEN o.state >= 2 THEN now() END
  FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::text[], $5::smallint[])
    AS o (id, state, carrier, carrier_message_id, code)
  WHERE m.id = o.id AND m.state = 0 AND m.leased_by + 0 = $6
  RETURNING ${MOVED}
), ${finalsTail("$6", "$7", "$8")}
SELECT * FROM owed`;

export async function recordOutcomes(
  db: Database,
  partitions: Partitions,
  rows: readonly OutcomeRow[],
  worker: number,
  lease: WebhookLease,
): Promise<{ recorded: Set<string>; finals: FinalRow[] }> {
  const moved: FinalRow[] = [];
  for (const [partition, group] of partitions.group("message", rows)) {
    const values = [...columns(group, NAMES), worker, lease.worker, lease.full];
    const result = await db.query<FinalRow>({ name: `outcomes ${partition}`, text: textFor(partition), values });
    moved.push(...result.rows);
  }
  return { recorded: new Set(moved.map((row) => row.id)), finals: moved.filter((row) => row.state >= 2) };
}
