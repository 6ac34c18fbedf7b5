import type { Database } from "../database.ts";

/** Holds up another program that starts at the same moment, until this transaction ends. */
export async function lockDefaults(db: Database): Promise<void> {
  await db.query({ text: "SELECT pg_advisory_xact_lock(hashtext('messaging-plus defaults'))" });
}

export async function storeIsEmpty(db: Database): Promise<boolean> {
  const { rows } = await db.query<{ empty: boolean }>({
    text: "SELECT NOT EXISTS (SELECT FROM organization) AS empty",
  });
  return (rows[0] as { empty: boolean }).empty;
}

/** Whose key it is and whether it works; null for one that never was. */
export async function keyState(
  db: Database,
  hash: Buffer,
): Promise<{ organizationId: number; accountId: number | null; live: boolean } | null> {
  const { rows } = await db.query<{ organizationId: number; accountId: number | null; live: boolean }>({
    text: `SELECT k.organization_id AS "organizationId", k.account_id AS "accountId",
                  k.revoked_at IS NULL AND coalesce(k.expires_at > now(), true) AND a.deleted_at IS NULL AS live
           FROM api_key k LEFT JOIN account a ON a.id = k.account_id WHERE k.hash = $1`,
    values: [hash],
  });
  return rows[0] ?? null;
}
