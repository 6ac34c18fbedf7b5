import { type Column, columnsBy, type Database } from "./database.ts";
import type { Partitions } from "./partition-names.ts";

/** One try of a webhook and what it leaves behind. */
export interface AttemptRow {
  accountId: number;
  id: string;
  /** 0 to be tried again at `nextAt`, 1 delivered, 2 exhausted. */
  state: number;
  /** Epoch milliseconds; null once it is not to be tried again. */
  nextAt: number | null;
  /** The attempt as JSON text. */
  attempt: string;
}

const COLUMNS: readonly Column<AttemptRow>[] = [
  ({ accountId }) => accountId,
  ({ id }) => id,
  ({ state }) => state,
  ({ nextAt }) => nextAt,
];

/**
 * Notify: the tries of a flush in one update. A webhook that another worker has taken over stays as that one has it.
 * `state` and `leased_by + 0`, not next_at: the planner is left one index.
 */
const textFor = (partition: string): string => `
UPDATE ${partition} h
SET state = t.state, tries = h.tries + 1, next_at = to_timestamp(t.next_at / 1000), leased_by = 0,
    attempts = array_append(h.attempts, t.attempt)
FROM unnest($1::int[], $2::uuid[], $3::smallint[], $4::float8[], string_to_array($5, E'\\n'))
  AS t (account_id, id, state, next_at, attempt)
WHERE h.account_id = t.account_id AND h.id = t.id AND h.state = 0 AND h.leased_by + 0 = $6
RETURNING h.id`;

export async function recordAttempts(
  db: Database,
  partitions: Partitions,
  rows: readonly AttemptRow[],
  worker: number,
): Promise<Set<string>> {
  const recorded = new Set<string>();
  for (const [partition, group] of partitions.group("webhook", rows)) {
    // JSON has no line ends of its own, and as an array's element each of its 30 quotes would be escaped.
    const attempts = group.map(({ attempt }) => attempt).join("\n");
    const values = [...columnsBy(group, COLUMNS), attempts, worker];
    const result = await db.query<{ id: string }>({ name: `attempts ${partition}`, text: textFor(partition), values });
    for (const { id } of result.rows) recorded.add(id);
  }
  return recorded;
}
