import type { Database } from "./database.ts";

const TEXT = `
SELECT id FROM account WHERE identifier = $2 AND organization_id = $1 AND deleted_at IS NULL`;

/** The number of an organization's account; null where it has no such account, or has deactivated it. */
export async function findAccount(db: Database, organizationId: number, identifier: string): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>({
    name: "find-account",
    text: TEXT,
    values: [organizationId, identifier],
  });
  return rows[0]?.id ?? null;
}
