import type { Database } from "../database.ts";

/** Whom a key belongs to, in words that people know. */
export interface CallerNames {
  /** `priced`: whether its messages cost credits. */
  account?: { identifier: string; name: string; credits: number; priced: boolean };
  /** Its balance, of its own key alone. */
  organization: { identifier: string; name: string; balance?: number };
}

/** @param accountId null for an organization's key */
export async function findCaller(db: Database, organizationId: number, accountId: number | null): Promise<CallerNames> {
  const { rows } = await db.query<{
    identifier: string;
    name: string;
    balance: number;
    account: string | null;
    accountName: string | null;
    credits: number | null;
    priced: boolean | null;
  }>({
    text: `SELECT o.identifier, o.name, o.balance, a.identifier AS account, a.name AS "accountName", a.balance AS credits,
                  a.priced
           FROM organization o LEFT JOIN account a ON a.id = $2 WHERE o.id = $1`,
    values: [organizationId, accountId],
  });
  const [row] = rows;
  if (row === undefined) throw new Error("a key's organization is gone");
  const { identifier, name, balance, account, accountName, credits, priced } = row;
  if (account === null) return { organization: { identifier, name, balance } };
  return {
    account: { identifier: account, name: accountName ?? "", credits: credits ?? 0, priced: priced ?? false },
    organization: { identifier, name },
  };
}
