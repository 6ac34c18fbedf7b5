import type { Database } from "../database.ts";
import { wakeOthers } from "../wakeups.ts";

/** Live secrets that an account may have: the one in use and the one that takes its place. */
export const MOST_SECRETS = 2;

export interface SecretRow {
  identifier: string;
  createdAt: Date;
}

/**
 * Keeps a secret; false where the account has as many as it may. All programs on the store are told.
 * @param db a transaction
 */
export async function addSecret(
  db: Database,
  accountId: number,
  identifier: string,
  key: Uint8Array,
): Promise<boolean> {
  // One at a time, so that two requests do not both find room for theirs.
  await db.query({ text: "SELECT FROM account WHERE id = $1 FOR NO KEY UPDATE", values: [accountId] });
  const { rowCount } = await db.query({
    text: `INSERT INTO webhook_secret (identifier, account_id, key)
           SELECT $1, $2, $3 WHERE (SELECT count(*) FROM webhook_secret WHERE account_id = $2) < $4`,
    values: [identifier, accountId, key, MOST_SECRETS],
  });
  if (rowCount === 0) return false;
  await wakeOthers(db, "secrets");
  return true;
}

/** An account's secrets without the secrets, the newest first. */
export async function listSecrets(db: Database, accountId: number): Promise<SecretRow[]> {
  const { rows } = await db.query<SecretRow>({
    text: `SELECT identifier, created_at AS "createdAt" FROM webhook_secret WHERE account_id = $1
           ORDER BY identifier DESC`,
    values: [accountId],
  });
  return rows;
}

/** False where the account has no such secret. All programs on the store are told. */
export async function removeSecret(db: Database, accountId: number, identifier: string): Promise<boolean> {
  const text = "DELETE FROM webhook_secret WHERE identifier = $1 AND account_id = $2";
  const { rowCount } = await db.query({ text, values: [identifier, accountId] });
  if (rowCount === 0) return false;
  await wakeOthers(db, "secrets");
  return true;
}

/** The keys of these accounts' secrets, the newest first; accounts without any are not in it. */
export async function secretKeys(db: Database, accountIds: readonly number[]): Promise<Map<number, Buffer[]>> {
  const { rows } = await db.query<{ account_id: number; key: Buffer }>({
    name: "secret-keys",
    text: `SELECT account_id, key FROM webhook_secret WHERE account_id = ANY ($1::int[]) ORDER BY identifier DESC`,
    values: [accountIds],
  });
  const keys = new Map<number, Buffer[]>();
  for (const { account_id, key } of rows) keys.set(account_id, [...(keys.get(account_id) ?? []), key]);
  return keys;
}
