import type { Database } from "../database.ts";

export interface AccountRow {
  id: number;
  identifier: string;
  name: string;
  balance: number;
  overdraft: boolean;
  deleted: boolean;
}

const COLUMNS = "id, identifier, name, balance, overdraft, deleted_at IS NOT NULL AS deleted";

/** Priced as its organization is: FOR SHARE waits for whoever changes that, and holds up whoever would. */
export async function insertAccount(
  db: Database,
  identifier: string,
  organizationId: number,
  name: string,
): Promise<number> {
  const { rows } = await db.query<{ id: number }>({
    text: `WITH o AS (SELECT id, credits FROM organization WHERE id = $2 FOR SHARE)
           INSERT INTO account (identifier, organization_id, name, priced) SELECT $1, id, $3, credits FROM o
           RETURNING id`,
    values: [identifier, organizationId, name],
  });
  return (rows[0] as { id: number }).id;
}

/** All of an organization, in the order in which they were made. */
export async function listAccounts(db: Database, organizationId: number): Promise<AccountRow[]> {
  const { rows } = await db.query<AccountRow>({
    text: `SELECT ${COLUMNS} FROM account WHERE organization_id = $1 ORDER BY id`,
    values: [organizationId],
  });
  return rows;
}

/** An account of this organization, locked until the transaction ends; null where there is none. */
export async function lockAccount(
  db: Database,
  organizationId: number,
  identifier: string,
): Promise<AccountRow | null> {
  const { rows } = await db.query<AccountRow>({
    text: `SELECT ${COLUMNS} FROM account WHERE identifier = $2 AND organization_id = $1 FOR NO KEY UPDATE`,
    values: [organizationId, identifier],
  });
  return rows[0] ?? null;
}

/** An account of this organization, live or not; null where there is none. */
export async function findAccount(
  db: Database,
  organizationId: number,
  identifier: string,
): Promise<AccountRow | null> {
  const { rows } = await db.query<AccountRow>({
    text: `SELECT ${COLUMNS} FROM account WHERE identifier = $2 AND organization_id = $1`,
    values: [organizationId, identifier],
  });
  return rows[0] ?? null;
}

export async function updateAccount(
  db: Database,
  { id, name, balance, overdraft, deleted }: Omit<AccountRow, "identifier">,
): Promise<void> {
  await db.query({
    text: `UPDATE account SET name = $2, balance = $3, overdraft = $4,
                  deleted_at = CASE WHEN $5 THEN coalesce(deleted_at, now()) END
           WHERE id = $1`,
    values: [id, name, balance, overdraft, deleted],
  });
}

/** Prices the messages of all accounts of an organization, or none. In the accounts' order, as everybody locks them. */
export async function setPriced(db: Database, organizationId: number, priced: boolean): Promise<void> {
  await db.query({
    text: `UPDATE account a SET priced = $2
           FROM (SELECT id FROM account WHERE organization_id = $1 ORDER BY id FOR NO KEY UPDATE) AS locked
           WHERE a.id = locked.id AND a.priced <> $2`,
    values: [organizationId, priced],
  });
}

/** The numbers of accounts by their identifiers; those that are not there are left out. */
export async function accountNumbers(db: Database, identifiers: readonly string[]): Promise<Map<string, number>> {
  if (identifiers.length === 0) return new Map();
  const { rows } = await db.query<{ id: number; identifier: string }>({
    text: "SELECT id, identifier FROM account WHERE identifier = ANY ($1::uuid[])",
    values: [identifiers],
  });
  return new Map(rows.map(({ id, identifier }) => [identifier, id]));
}
