import { USUAL_CHANNEL } from "../../message/channel.ts";
import { ACCEPTED, mayMove, mayMoveAny } from "../../message/lifecycle.ts";
import { fallbackLine } from "../../message/story.ts";
import { columns, type Database } from "../database.ts";
import type { Partitions } from "../upkeep/partition-names.ts";

/** Parts at a channel that a message has left: -1 for all of it, -2 less the number for a part of several. */
const FORMER_WHOLE = -1;
const FORMER_PART = -2;

/** SQL of the part that a row of message_part is for: null for a message of one part. */
export const partOf = (part: string): string =>
  `CASE WHEN ${part} >= 0 THEN ${part} WHEN ${part} <= ${FORMER_PART} THEN ${FORMER_PART} - ${part} END`;

/** SQL of the condition that it is at the channel where its message is now. */
export const isCurrentPart = (part: string): string => `${part} >= 0`;

/** A message that goes on to its next channel. */
export interface FallBackRow {
  id: string;
  /** Lines of its story (message/story.ts) that the row does not have yet; of the fall-back itself the beginning. */
  events: string;
}

/** The row as a message that is about to fall back. */
export function fallBackRow(id: string, events: string | null, now: number): FallBackRow {
  const line = fallbackLine(now);
  return { id, events: events === null ? line : `${events}\n${line}` };
}

const NAMES = ["id", "events"] as const satisfies readonly (keyof FallBackRow)[];

/** Columns of a message that goes on to its next channel. SMS stands as null. */
const NEXT = `
  channel = nullif(m.fallback, '${USUAL_CHANNEL}'), fallback = NULL, carrier = NULL,
  events = coalesce(m.events || E'\\n', '') || t.events || E'\\t' || coalesce(m.channel, '${USUAL_CHANNEL}')
           || E'\\t' || m.fallback`;
const ROWS = "unnest($1::uuid[], $2::text[]) AS t (id, events)";

/** In memory, and not taken by any carrier of its channel: it stays in memory. */
const bufferedText = (partition: string): string => `
UPDATE ${partition} m SET ${NEXT}
FROM ${ROWS}
WHERE m.id = t.id AND ${mayMove("skip", "m", "$3")} AND m.fallback IS NOT NULL
RETURNING m.id`;

/** Answers the messages that are still this node's, and at their next channel now. */
export async function fallBackBuffered(
  db: Database,
  partitions: Partitions,
  rows: readonly FallBackRow[],
  node: number,
): Promise<Set<string>> {
  const query = (partition: string) => ({ name: `fall back ${partition}`, text: bufferedText(partition) });
  return each(db, partitions, rows, query, node);
}

/**
 * Submitted, and failed: it waits to be claimed, as if it had just been accepted. Its carrier's ids stay, as those of
 * former parts: whatever the carrier still has to say is told, and moves nothing. Its receipt is given up when that of its
 * validity is, whose margin ($3) it was not known with before.
 */
const submittedText = (partition: string): string => `
WITH moved AS (
  UPDATE ${partition} m
  SET ${NEXT}, state = ${ACCEPTED}, carrier_message_id = NULL, code = NULL, leased_by = 0, next_at = now(),
      receipt_by = m.expires_at + $3 * interval '1 second'
  FROM ${ROWS}
  WHERE m.id = t.id AND ${mayMoveAny("fallBack", "m")} AND m.fallback IS NOT NULL AND m.expires_at > now()
  RETURNING m.id
), parts AS (
  UPDATE message_part p SET part = ${FORMER_PART} - p.part, state = ${ACCEPTED}, code = NULL
  FROM moved WHERE p.message_id = moved.id
), whole AS (
  -- Read as it was before this statement.
  INSERT INTO message_part (message_id, part, carrier, carrier_message_id, state)
  SELECT m.id, ${FORMER_WHOLE}, m.carrier, m.carrier_message_id, ${ACCEPTED}
  FROM moved JOIN ${partition} m ON m.id = moved.id WHERE m.carrier_message_id IS NOT NULL
)
SELECT id FROM moved`;

/** Answers the messages that are at their next channel now: not those whose validity is over. */
export async function fallBackSubmitted(
  db: Database,
  partitions: Partitions,
  rows: readonly FallBackRow[],
  marginSeconds: number,
): Promise<Set<string>> {
  const query = (partition: string) => ({ name: `fall back from ${partition}`, text: submittedText(partition) });
  return each(db, partitions, rows, query, marginSeconds);
}

async function each(
  db: Database,
  partitions: Partitions,
  rows: readonly FallBackRow[],
  query: (partition: string) => { name: string; text: string },
  value: number,
): Promise<Set<string>> {
  const moved = new Set<string>();
  for (const [partition, group] of partitions.group("message", rows)) {
    const values = [...columns(group, NAMES), value];
    const { rows: found } = await db.query<{ id: string }>({ ...query(partition), values });
    for (const { id } of found) moved.add(id);
  }
  return moved;
}

/** A message about to be recorded as submitted at a channel that has another behind it. */
export interface ChannelDeadline {
  id: string;
  /** When its carrier's word is given up, in epoch milliseconds. */
  receiptBy: number;
}

const deadlineText = (partition: string): string => `
UPDATE ${partition} m SET receipt_by = to_timestamp(t.receipt_by / 1000)
FROM unnest($1::uuid[], $2::float8[]) AS t (id, receipt_by)
WHERE m.id = t.id AND ${mayMove("intend", "m", "$3")} AND m.fallback IS NOT NULL`;

/** Before the outcome itself is recorded: after a crash in between it is submitted again, and gets another one. */
export async function keepDeadlines(
  db: Database,
  partitions: Partitions,
  rows: readonly ChannelDeadline[],
  node: number,
): Promise<void> {
  for (const [partition, group] of partitions.group("message", rows)) {
    const values = [...columns(group, ["id", "receiptBy"]), node];
    await db.query({ name: `channel deadlines ${partition}`, text: deadlineText(partition), values });
  }
}
