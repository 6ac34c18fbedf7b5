import type { Database } from "./database.ts";

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
                  k.revoked_at IS NULL AND a.deleted_at IS NULL AS live
           FROM api_key k LEFT JOIN account a ON a.id = k.account_id WHERE k.hash = $1`,
    values: [hash],
  });
  return rows[0] ?? null;
}

export async function addOrganization(db: Database, identifier: string, name: string): Promise<number> {
  const { rows } = await db.query<{ id: number }>({
    text: "INSERT INTO organization (identifier, name) VALUES ($1, $2) RETURNING id",
    values: [identifier, name],
  });
  return (rows[0] as { id: number }).id;
}

export async function addAccount(
  db: Database,
  identifier: string,
  organizationId: number,
  name: string,
): Promise<number> {
  const { rows } = await db.query<{ id: number }>({
    text: "INSERT INTO account (identifier, organization_id, name) VALUES ($1, $2, $3) RETURNING id",
    values: [identifier, organizationId, name],
  });
  return (rows[0] as { id: number }).id;
}

export async function addKey(
  db: Database,
  hash: Buffer,
  organizationId: number,
  accountId: number | null,
): Promise<void> {
  await db.query({
    text: "INSERT INTO api_key (hash, organization_id, account_id) VALUES ($1, $2, $3)",
    values: [hash, organizationId, accountId],
  });
}
