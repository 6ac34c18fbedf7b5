import { columns, type Database, lowestId, rowsOf } from "./database.ts";

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

const NAMES = ["accountId", "id", "state", "nextAt", "attempt"] as const satisfies readonly (keyof AttemptRow)[];

/** Notify: the tries of a flush in one update. A webhook that another worker has taken over stays as that one has it. */
const TEXT = `
UPDATE webhook h
SET state = t.state, tries = h.tries + 1, next_at = to_timestamp(t.next_at / 1000), leased_by = 0,
    attempts = array_append(h.attempts, t.attempt)
FROM ${rowsOf("$1::int[], $2::uuid[], $3::smallint[], $4::float8[], $5::text[]", "$7")}
  AS t (account_id, id, state, next_at, attempt)
WHERE h.account_id = t.account_id AND h.id = t.id AND h.id >= $8 AND h.leased_by + 0 = $6 AND h.next_at IS NOT NULL
RETURNING h.id`;

export async function recordAttempts(db: Database, rows: readonly AttemptRow[], worker: number): Promise<Set<string>> {
  const result = await db.query<{ id: string }>({
    name: "record-attempts",
    text: TEXT,
    values: [...columns(rows, NAMES), worker, rows.length, lowestId(rows)],
  });
  return new Set(result.rows.map((row) => row.id));
}
