import type { Database } from "../database.ts";

const TEXT = `SELECT id FROM given_id WHERE account_id = $1 AND given = $2 AND kind = $3::"char"`;

/** The id that an identifier stands for: the one that it was given for, or itself. */
export async function idOf(db: Database, accountId: number, identifier: string, kind: "b" | "m"): Promise<string> {
  const { rows } = await db.query<{ id: string }>({
    name: "id-of-given",
    text: TEXT,
    values: [accountId, identifier, kind],
  });
  return rows[0]?.id ?? identifier;
}
