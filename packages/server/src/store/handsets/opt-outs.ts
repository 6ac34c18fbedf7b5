import { columns, type Database } from "../database.ts";
import { hashOf } from "./handset-hash.ts";

/** A handset that an account is not to send to. */
export interface OptOut {
  accountId: number;
  handset: string;
}

const NAMES = ["accountId", "handset"] as const satisfies readonly (keyof OptOut)[];

export async function addOptOuts(db: Database, optOuts: readonly OptOut[]): Promise<void> {
  await db.query({
    text: `INSERT INTO opt_out (account_id, handset_hash)
           SELECT account_id, ${hashOf("o.handset")} AS hash FROM unnest($1::int[], $2::bigint[]) AS o (account_id, handset)
           ORDER BY account_id, hash
           ON CONFLICT DO NOTHING`,
    values: columns(optOuts, NAMES),
  });
}

export async function removeOptOuts(db: Database, optOuts: readonly OptOut[]): Promise<void> {
  await db.query({
    text: `DELETE FROM opt_out o USING unnest($1::int[], $2::bigint[]) AS t (account_id, handset)
           WHERE o.account_id = t.account_id AND o.handset_hash = ${hashOf("t.handset")}`,
    values: columns(optOuts, NAMES),
  });
}

/** Steps through the index from account to account: the cost grows with the accounts, not with their opt-outs. */
const ACCOUNTS = `
WITH RECURSIVE known AS (
  (SELECT account_id FROM opt_out ORDER BY account_id LIMIT 1)
  UNION ALL
  SELECT (SELECT o.account_id FROM opt_out o WHERE o.account_id > k.account_id ORDER BY o.account_id LIMIT 1)
  FROM known k WHERE k.account_id IS NOT NULL
)
SELECT account_id FROM known WHERE account_id IS NOT NULL`;

/** The accounts that some handset has opted out of. */
export async function accountsWithOptOuts(db: Database): Promise<Set<number>> {
  const { rows } = await db.query<{ account_id: number }>({ name: "accounts-with-opt-outs", text: ACCOUNTS });
  return new Set(rows.map((row) => row.account_id));
}

const FIND = `
SELECT t.place::int FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS t (account_id, handset, place)
JOIN opt_out o ON o.account_id = t.account_id AND o.handset_hash = ${hashOf("t.handset")}`;

/** Which of these are opted out, by their places. */
export async function findOptOuts(db: Database, pairs: readonly OptOut[]): Promise<Set<number>> {
  const { rows } = await db.query<{ place: number }>({
    name: "find-opt-outs",
    text: FIND,
    values: columns(pairs, NAMES),
  });
  return new Set(rows.map((row) => row.place - 1));
}

export interface OrganizationOptOut {
  /** The account's identifier. */
  account: string;
  at: Date;
}

/** Which of an organization's accounts a handset has opted out of, in the order in which these were made. */
export async function optOutsOf(
  db: Database,
  organizationId: number,
  handset: string,
  after: string | null,
  limit: number,
): Promise<OrganizationOptOut[]> {
  const { rows } = await db.query<OrganizationOptOut>({
    text: `SELECT a.identifier AS account, o.at FROM opt_out o JOIN account a ON a.id = o.account_id
           WHERE a.organization_id = $1 AND o.handset_hash = ${hashOf("$2::bigint")}
             AND ($3::uuid IS NULL OR a.identifier > $3) ORDER BY a.identifier LIMIT $4`,
    values: [organizationId, handset, after, limit],
  });
  return rows;
}

/** Answers how many accounts of the organization the handset had opted out of. */
export async function removeOptOutsOf(db: Database, organizationId: number, handset: string): Promise<number> {
  const { rowCount } = await db.query({
    text: `DELETE FROM opt_out o USING account a
           WHERE a.id = o.account_id AND a.organization_id = $1 AND o.handset_hash = ${hashOf("$2::bigint")}`,
    values: [organizationId, handset],
  });
  return rowCount ?? 0;
}
