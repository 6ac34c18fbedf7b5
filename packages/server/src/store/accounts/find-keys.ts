import type { Database } from "../database.ts";

/** Whose key it is. Without an account it is the organization's. */
export interface KeyOwner {
  organizationId: number;
  account: { id: number; identifier: string; priced: boolean } | null;
  /** Milliseconds until the key stops working; null where nothing ends it. */
  expiresInMs: number | null;
}

const TEXT = `
SELECT k.organization_id, a.id AS account_id, a.identifier, a.priced,
       extract(epoch FROM k.expires_at - now())::float8 * 1000 AS expires_in_ms
FROM api_key k LEFT JOIN account a ON a.id = k.account_id
WHERE k.hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AND a.deleted_at IS NULL`;

interface Row {
  organization_id: number;
  account_id: number | null;
  identifier: string | null;
  priced: boolean | null;
  expires_in_ms: number | null;
}

/** The live key with this SHA-256, or null: never made, revoked, expired, or its account is deactivated. */
export async function findKey(db: Database, hash: Buffer): Promise<KeyOwner | null> {
  const { rows } = await db.query<Row>({ name: "find-key", text: TEXT, values: [hash] });
  const row = rows[0];
  if (row === undefined) return null;
  const { organization_id: organizationId, account_id: id, identifier, priced, expires_in_ms: expiresInMs } = row;
  const account = id === null || identifier === null ? null : { id, identifier, priced: priced === true };
  return { organizationId, account, expiresInMs };
}
