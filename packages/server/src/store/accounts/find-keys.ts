import type { Database } from "../database.ts";
import type { KeyScope } from "./api-keys.ts";

/** Whose key it is. Without an account it is the organization's. */
export interface KeyOwner {
  organizationId: number;
  account: { id: number; identifier: string; priced: boolean } | null;
  scope: KeyScope;
  /** Its name, or where it has none its identifier. */
  keyName: string;
  /** Milliseconds until the key stops working; null where nothing ends it. */
  expiresInMs: number | null;
  /** Whether its use was noted within the last minute. */
  useIsNoted: boolean;
}

const TEXT = `
SELECT k.organization_id, a.id AS account_id, a.identifier, a.priced, k.scope,
       coalesce(k.name, k.identifier::text) AS key_name,
       extract(epoch FROM k.expires_at - now())::float8 * 1000 AS expires_in_ms,
       coalesce(k.last_used_at > now() - interval '1 minute', false) AS use_is_noted
FROM api_key k LEFT JOIN account a ON a.id = k.account_id
WHERE k.hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AND a.deleted_at IS NULL`;

interface Row {
  organization_id: number;
  account_id: number | null;
  identifier: string | null;
  priced: boolean | null;
  scope: KeyScope;
  key_name: string;
  expires_in_ms: number | null;
  use_is_noted: boolean;
}

/** The live key with this SHA-256, or null: never made, revoked, expired, or its account is deactivated. */
export async function findKey(db: Database, hash: Buffer): Promise<KeyOwner | null> {
  const { rows } = await db.query<Row>({ name: "find-key", text: TEXT, values: [hash] });
  const row = rows[0];
  if (row === undefined) return null;
  const { organization_id: organizationId, account_id: id, identifier, priced, scope } = row;
  const account = id === null || identifier === null ? null : { id, identifier, priced: priced === true };
  return {
    organizationId,
    account,
    scope,
    keyName: row.key_name,
    expiresInMs: row.expires_in_ms,
    useIsNoted: row.use_is_noted,
  };
}
