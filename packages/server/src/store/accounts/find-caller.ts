import type { Database } from "../database.ts";

/** Whom a key belongs to, in words that people know. */
export interface CallerNames {
  account?: { identifier: string; name: string; credits: number };
  organization: { identifier: string; name: string };
}

/** @param accountId null for an organization's key */
export async function findCaller(db: Database, organizationId: number, accountId: number | null): Promise<CallerNames> {
  const { rows } = await db.query<{
    identifier: string;
    name: string;
    account: string | null;
    accountName: string | null;
    credits: number | null;
  }>({
    text: `SELECT o.identifier, o.name, a.identifier AS account, a.name AS "accountName", a.balance AS credits
           FROM organization o LEFT JOIN account a ON a.id = $2 WHERE o.id = $1`,
    values: [organizationId, accountId],
  });
  const [row] = rows;
  if (row === undefined) throw new Error("a key's organization is gone");
  const { identifier, name, account, accountName, credits } = row;
  const organization = { identifier, name };
  if (account === null) return { organization };
  return { account: { identifier: account, name: accountName ?? "", credits: credits ?? 0 }, organization };
}
