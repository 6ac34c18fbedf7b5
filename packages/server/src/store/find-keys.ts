import type { Database } from "./database.ts";

/** Whose key it is. Without an account it is the organization's. */
export interface KeyOwner {
  organizationId: number;
  account: { id: number; identifier: string } | null;
}

const TEXT = `
SELECT k.hash, k.organization_id, a.id AS account_id, a.identifier
FROM api_key k LEFT JOIN account a ON a.id = k.account_id
WHERE k.hash = $1 AND k.revoked_at IS NULL AND a.deleted_at IS NULL`;

/** The live key with this SHA-256, or null: never made, revoked, or its account is deactivated. */
export async function findKey(db: Database, hash: Buffer): Promise<KeyOwner | null> {
  const { rows } = await db.query<{ organization_id: number; account_id: number | null; identifier: string | null }>({
    name: "find-key",
    text: TEXT,
    values: [hash],
  });
  const row = rows[0];
  if (row === undefined) return null;
  const { organization_id: organizationId, account_id: id, identifier } = row;
  return { organizationId, account: id === null || identifier === null ? null : { id, identifier } };
}
