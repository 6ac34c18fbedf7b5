import { columns, type Database } from "../database.ts";
import type { Partitions } from "../upkeep/partition-names.ts";

/** The story of a message's row with further lines, in SQL: null while there is none. */
export function withLines(row: string, added: string): string {
  return `coalesce(${row}.events || E'\\n' || ${added}.events, ${row}.events, ${added}.events)`;
}

/** Lines of a message's story (message/story.ts). */
export interface EventRow {
  id: string;
  events: string;
}

/** Octets of a story that still get further lines: a carrier may repeat a receipt for ever. */
const MOST = 64 * 1024;

/** An erased message gets no lines any more: they would name the handset. */
const textFor = (partition: string): string => `
UPDATE ${partition} m SET events = ${withLines("m", "t")}
FROM unnest($1::uuid[], $2::text[]) AS t (id, events)
WHERE m.id = t.id AND m.destination <> 0 AND coalesce(octet_length(m.events), 0) < ${MOST}`;

/** Keeps what carriers said and what moves nothing. */
export async function appendEvents(db: Database, partitions: Partitions, rows: readonly EventRow[]): Promise<void> {
  const lines = new Map<string, string>();
  for (const { id, events } of rows) {
    const before = lines.get(id);
    lines.set(id, before === undefined ? events : `${before}\n${events}`);
  }
  const whole = [...lines].map(([id, events]) => ({ id, events }));
  for (const [partition, group] of partitions.group("message", whole)) {
    const values = columns(group, ["id", "events"]);
    await db.query({ name: `append events ${partition}`, text: textFor(partition), values });
  }
}
