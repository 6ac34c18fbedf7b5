import type { Database } from "../database.ts";

/** Scopes of keys, from little to all. */
export type KeyScope = "read" | "send" | "admin";

/** Whose keys they are; without an account the organization's. */
export interface KeyHolder {
  organizationId: number;
  accountId: number | null;
}

export interface NewKeyRow {
  /** SHA-256. */
  hash: Buffer;
  /** The key's first characters. */
  prefix: string;
  identifier: string;
  /** Null: its holder's own key. */
  name: string | null;
  scope: KeyScope;
}

export interface KeyRow {
  identifier: string;
  /** Null: its holder's own key. */
  name: string | null;
  scope: KeyScope;
  /** Null of a key that was made before this was kept. */
  prefix: string | null;
  createdAt: Date;
  /** When it ends; null where nothing ends it. */
  expiresAt: Date | null;
  /** To about a minute; null where it was never used. */
  lastUsedAt: Date | null;
}

const LIVE = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())";

/** A condition for the keys of a holder, with `$1` for its number. */
function isOf({ accountId }: KeyHolder): string {
  return accountId === null ? "organization_id = $1 AND account_id IS NULL" : "account_id = $1";
}

function numberOf({ organizationId, accountId }: KeyHolder): number {
  return accountId ?? organizationId;
}

export async function insertKey(
  db: Database,
  { organizationId, accountId }: KeyHolder,
  { hash, prefix, identifier, name, scope }: NewKeyRow,
): Promise<void> {
  await db.query({
    text: `INSERT INTO api_key (hash, organization_id, account_id, identifier, prefix, name, scope)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    values: [hash, organizationId, accountId, identifier, prefix, name, scope],
  });
}

/**
 * Ends a holder's own keys, after the grace; those that were made beside them, with a name, go on. What would end
 * earlier anyhow does. Answers how many it ended.
 */
export async function endOwnKeys(db: Database, holder: KeyHolder, graceSeconds: number): Promise<number> {
  const { rowCount } = await db.query({
    text: `UPDATE api_key SET expires_at = least(expires_at, now() + $2 * interval '1 second'),
                  revoked_at = CASE WHEN $2 = 0 THEN now() END
           WHERE ${isOf(holder)} AND name IS NULL AND ${LIVE}`,
    values: [numberOf(holder), graceSeconds],
  });
  return rowCount ?? 0;
}

/** The live keys of a holder, the newest first. */
export async function listKeys(db: Database, holder: KeyHolder): Promise<KeyRow[]> {
  const { rows } = await db.query<KeyRow>({
    text: `SELECT identifier, name, scope, prefix, created_at AS "createdAt", expires_at AS "expiresAt",
                  last_used_at AS "lastUsedAt"
           FROM api_key WHERE ${isOf(holder)} AND ${LIVE} ORDER BY identifier DESC`,
    values: [numberOf(holder)],
  });
  return rows;
}

export async function revokeKey(db: Database, identifier: string): Promise<void> {
  await db.query({
    text: "UPDATE api_key SET revoked_at = now() WHERE identifier = $1",
    values: [identifier],
  });
}

/** Notes that a key was used, unless that was noted within the last minute. */
export async function noteKeyUse(db: Database, hash: Buffer): Promise<void> {
  await db.query({
    name: "note-key-use",
    text: `UPDATE api_key SET last_used_at = now()
           WHERE hash = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
    values: [hash],
  });
}
