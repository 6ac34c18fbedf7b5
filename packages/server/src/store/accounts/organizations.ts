import type { Database } from "../database.ts";

export interface OrganizationRow {
  id: number;
  identifier: string;
  name: string;
  /** Whether its messages are priced. */
  credits: boolean;
  /** Credits that it has not given to an account. */
  balance: number;
}

const COLUMNS = "id, identifier, name, credits, balance";

export async function insertOrganization(
  db: Database,
  { identifier, name, credits, balance }: Omit<OrganizationRow, "id">,
): Promise<number> {
  const { rows } = await db.query<{ id: number }>({
    text: "INSERT INTO organization (identifier, name, credits, balance) VALUES ($1, $2, $3, $4) RETURNING id",
    values: [identifier, name, credits, balance],
  });
  return (rows[0] as { id: number }).id;
}

/** In the order in which they were made, from behind the one with the identifier `after`. */
export async function listOrganizations(db: Database, after: string | null, limit: number): Promise<OrganizationRow[]> {
  const { rows } = await db.query<OrganizationRow>({
    text: `SELECT ${COLUMNS} FROM organization
           WHERE id > coalesce((SELECT id FROM organization WHERE identifier = $1), 0) ORDER BY id LIMIT $2`,
    values: [after, limit],
  });
  return rows;
}

/** Locks an organization until the transaction ends. Whoever locks one of its accounts as well locks that after it. */
export async function lockOrganization(db: Database, id: number): Promise<OrganizationRow> {
  const { rows } = await db.query<OrganizationRow>({
    text: `SELECT ${COLUMNS} FROM organization WHERE id = $1 FOR NO KEY UPDATE`,
    values: [id],
  });
  return rows[0] as OrganizationRow;
}

/** The same by its identifier; null where there is none. */
export async function lockOrganizationNamed(db: Database, identifier: string): Promise<OrganizationRow | null> {
  const { rows } = await db.query<OrganizationRow>({
    text: `SELECT ${COLUMNS} FROM organization WHERE identifier = $1 FOR NO KEY UPDATE`,
    values: [identifier],
  });
  return rows[0] ?? null;
}

export async function updateOrganization(
  db: Database,
  { id, name, credits, balance }: Omit<OrganizationRow, "identifier">,
): Promise<void> {
  await db.query({
    text: "UPDATE organization SET name = $2, credits = $3, balance = $4 WHERE id = $1",
    values: [id, name, credits, balance],
  });
}

/** The organization of everybody here; null where there are several. */
export async function onlyOrganization(db: Database): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>({
    name: "only-organization",
    text: "SELECT id FROM organization ORDER BY id LIMIT 2",
  });
  return rows.length === 1 ? (rows[0]?.id ?? null) : null;
}
