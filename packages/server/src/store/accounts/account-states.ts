import type { Database } from "../database.ts";

/** What decides whether an account's request is accepted. */
export interface AccountState {
  id: number;
  deleted: boolean;
  priced: boolean;
  overdraft: boolean;
  balance: number;
}

const TEXT = `
SELECT id, deleted_at IS NOT NULL AS deleted, priced, overdraft, balance FROM account WHERE id = ANY ($1::int[])`;

/** As they are at this moment. */
export function readAccountStates(db: Database, ids: readonly number[]): Promise<Map<number, AccountState>> {
  return states(db, "read-account-states", TEXT, ids);
}

/** As they stay until the transaction ends: locked in the order of their ids. */
export function lockAccountStates(db: Database, ids: readonly number[]): Promise<Map<number, AccountState>> {
  return states(db, "lock-account-states", `${TEXT} ORDER BY id FOR NO KEY UPDATE`, ids);
}

async function states(
  db: Database,
  name: string,
  text: string,
  ids: readonly number[],
): Promise<Map<number, AccountState>> {
  const { rows } = await db.query<AccountState>({ name, text, values: [ids] });
  return new Map(rows.map((row) => [row.id, row]));
}
