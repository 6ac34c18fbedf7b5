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

/** The organization that organizationKey of the configuration is for; null where there is none yet. */
export async function defaultOrganization(db: Database): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>({ text: "SELECT id FROM organization WHERE is_default" });
  return rows[0]?.id ?? null;
}

/** The same of accountKey, where it is live and of this organization. */
export async function defaultAccount(db: Database, organizationId: number): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>({
    text: "SELECT id FROM account WHERE organization_id = $1 AND is_default AND deleted_at IS NULL ORDER BY id DESC LIMIT 1",
    values: [organizationId],
  });
  return rows[0]?.id ?? null;
}

export async function markDefault(db: Database, table: "organization" | "account", id: number): Promise<void> {
  await db.query({ text: `UPDATE ${table} SET is_default = true WHERE id = $1`, values: [id] });
}
