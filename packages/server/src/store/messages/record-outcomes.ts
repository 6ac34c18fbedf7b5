import { isFinalSql, mayMove, SUBMITTED } from "../../message/lifecycle.ts";
import { type Column, columns, columnsBy, type Database } from "../database.ts";
import { isTakenSql, SUBMITTED_NOW } from "../stats/counts.ts";
import { addTakenOver } from "../taken-over.ts";
import type { Partitions } from "../upkeep/partition-names.ts";
import { withLines } from "./append-events.ts";
import { type FinalRow, MOVED, recordMoved, type WebhookLease } from "./finals.ts";

/** The end of one message's submission. */
export interface OutcomeRow {
  id: string;
  /** SUBMITTED, or a final state: refused, out of time, or its receipt met the submit's answer. */
  state: number;
  carrier: number | null;
  carrierMessageId: string | null;
  code: number | null;
  /** Lines of its story (message/story.ts) that the row does not have yet. */
  events?: string | null | undefined;
}

/** A part of a long message as the carrier took it. */
export interface PartRow {
  messageId: string;
  part: number;
  carrier: number;
  carrierMessageId: string | null;
}

const COLUMNS: readonly Column<OutcomeRow>[] = [
  ({ id }) => id,
  ({ state }) => state,
  ({ carrier }) => carrier,
  ({ carrierMessageId }) => carrierMessageId,
  ({ code }) => code,
  ({ events }) => events ?? null,
];
export const PART_NAMES = [
  "messageId",
  "part",
  "carrier",
  "carrierMessageId",
] as const satisfies readonly (keyof PartRow)[];

/**
 * Beginning with parameter `first`: the parts of long messages, in the same statement: no crash comes between. Those of a
 * message that another node has taken over stay as well: where there may be one, only the parts of `moved` are written.
 * A message that was sent again has new ids for its parts: the last ones stand. (IS TRUE keeps the IN a look into a hash
 * table: as a join it would be a loop of all over all.)
 */
export const partsFrom = (first: number, which = "(message_id IN (SELECT id FROM moved)) IS TRUE"): string => `
kept AS (
  INSERT INTO message_part (message_id, part, carrier, carrier_message_id, state)
  SELECT message_id, part, carrier, carrier_message_id, ${SUBMITTED}
  FROM unnest($${first}::uuid[], $${first + 1}::smallint[], $${first + 2}::smallint[], $${first + 3}::text[])
    AS t (message_id, part, carrier, carrier_message_id)
  WHERE ${which}
  ON CONFLICT (message_id, part) DO UPDATE
  SET carrier = excluded.carrier, carrier_message_id = excluded.carrier_message_id, state = ${SUBMITTED}, code = NULL
)`;

/**
 * Send: the outcomes of a flush in one update. Only rows that are still this node's move: what another has taken over
 * meanwhile stays as that one left it, and is `lost`.
 */
const textFor = (partition: string): string => `
moved AS (
  UPDATE ${partition} m
  SET state = o.state, carrier = o.carrier, carrier_message_id = o.carrier_message_id, code = o.code,
      next_at = NULL, leased_by = 0, final_at = CASE WHEN ${isFinalSql("o.state")} THEN now() END,
      submitted_at = CASE WHEN ${isTakenSql("o.state", "o.carrier_message_id")} THEN ${SUBMITTED_NOW} ELSE m.submitted_at END,
      events = ${withLines("m", "o")}
  FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::text[], $5::smallint[], $6::text[])
    AS o (id, state, carrier, carrier_message_id, code, events)
  WHERE m.id = o.id AND ${mayMove("submit", "m", "$7")}
  RETURNING ${MOVED}
)`;

export async function recordOutcomes(
  db: Database,
  partitions: Partitions,
  rows: readonly OutcomeRow[],
  parts: readonly PartRow[],
  node: number,
  lease: WebhookLease,
): Promise<{ lost: Set<string>; finals: FinalRow[] }> {
  const lost = new Set<string>();
  const finals: FinalRow[] = [];
  for (const [partition, group] of partitions.group("message", rows)) {
    const values = [...columnsBy(group, COLUMNS), node];
    const text = textFor(partition);
    const moving =
      parts.length === 0
        ? { name: `outcomes ${partition}`, text, values, submits: true }
        : {
            name: `outcomes with parts ${partition}`,
            text: `${text}, ${partsFrom(values.length + 1)}`,
            values: [...values, ...columns(parts, PART_NAMES)],
            submits: true,
          };
    const moved = await recordMoved(db, moving, node, lease);
    addTakenOver(lost, group, moved);
    finals.push(...moved.filter(({ state }) => state !== SUBMITTED));
  }
  return { lost, finals };
}
