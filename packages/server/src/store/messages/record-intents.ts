import { mayMove } from "../../message/lifecycle.ts";
import { columns, type Database } from "../database.ts";
import type { Partitions } from "../upkeep/partition-names.ts";

/** A message that is about to be submitted to a carrier; null: that it is not, after all. */
export interface IntentRow {
  id: string;
  carrier: number | null;
}

const NAMES = ["id", "carrier"] as const satisfies readonly (keyof IntentRow)[];

/** A carrier on a message that is not submitted is the mark. It is in no index: the update is HOT. */
const textFor = (partition: string): string => `
UPDATE ${partition} m SET carrier = t.carrier
FROM unnest($1::uuid[], $2::smallint[]) AS t (id, carrier)
WHERE m.id = t.id AND ${mayMove("intend", "m", "$3")}
RETURNING m.id`;

/** Answers the messages that are still this node's. */
export async function recordIntents(
  db: Database,
  partitions: Partitions,
  rows: readonly IntentRow[],
  node: number,
): Promise<Set<string>> {
  const marked = new Set<string>();
  for (const [partition, group] of partitions.group("message", rows)) {
    const values = [...columns(group, NAMES), node];
    const result = await db.query<{ id: string }>({ name: `mark ${partition}`, text: textFor(partition), values });
    for (const { id } of result.rows) marked.add(id);
  }
  return marked;
}
