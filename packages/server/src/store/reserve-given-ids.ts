import type { Database } from "./database.ts";

/** An identifier that a caller gave, and what it is to stand for. */
export interface GivenId {
  accountId: number;
  kind: "b" | "m";
  given: string;
  id: string;
}

/**
 * Takes identifiers for good; answers the ids of those whose identifier was used before by its account: given earlier,
 * or made by us for a batch or a message of this account. Runs inside the transaction that stores what they name.
 */
const TEXT = `
WITH wanted AS (
  SELECT * FROM unnest($1::int[], $2::"char"[], $3::uuid[], $4::uuid[]) AS t (account_id, kind, given, id)
), free AS (
  SELECT * FROM wanted w
  WHERE NOT EXISTS (SELECT FROM message m WHERE m.id = w.given AND m.account_id = w.account_id)
    AND NOT EXISTS (SELECT FROM batch b WHERE b.id = w.given AND b.account_id = w.account_id)
), taken AS (
  INSERT INTO given_id (account_id, kind, given, id) SELECT account_id, kind, given, id FROM free
  ON CONFLICT DO NOTHING
  RETURNING id
)
SELECT id FROM wanted WHERE id NOT IN (SELECT id FROM taken)`;

export async function reserveGivenIds(db: Database, ids: readonly GivenId[]): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>({
    text: TEXT,
    values: [ids.map((i) => i.accountId), ids.map((i) => i.kind), ids.map((i) => i.given), ids.map((i) => i.id)],
  });
  return new Set(rows.map((row) => row.id));
}

/** Gives back identifiers that were reserved in this transaction, for a request that is refused after all. */
export async function releaseGivenIds(db: Database, ids: readonly GivenId[]): Promise<void> {
  await db.query({
    text: `DELETE FROM given_id g USING unnest($1::int[], $2::"char"[], $3::uuid[]) AS t (account_id, kind, given)
           WHERE g.account_id = t.account_id AND g.kind = t.kind AND g.given = t.given`,
    values: [ids.map((i) => i.accountId), ids.map((i) => i.kind), ids.map((i) => i.given)],
  });
}
