import type { Database } from "../database.ts";

/** Enters a key by its hash; without an account it is the organization's. */
export async function insertKey(
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

/** Ends the keys that an account has, after the grace. What would end earlier anyhow does. */
export async function endKeys(db: Database, accountId: number, graceSeconds: number): Promise<void> {
  await db.query({
    text: `UPDATE api_key SET expires_at = least(expires_at, now() + $2 * interval '1 second'),
                  revoked_at = CASE WHEN $2 = 0 THEN now() END
           WHERE account_id = $1 AND revoked_at IS NULL`,
    values: [accountId, graceSeconds],
  });
}
