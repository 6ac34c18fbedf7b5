import { columns, type Database } from "../database.ts";

/** What one batch costs its account; a hold is for a batch that waits for its time. */
export interface Charge {
  accountId: number;
  kind: "charge" | "hold";
  /** The identifier of the batch, as its account knows it. */
  batch: string;
  cost: number;
}

const NAMES = ["accountId", "kind", "batch", "cost"] as const satisfies readonly (keyof Charge)[];

/** One update for each account and one row of the ledger for each kind, charges first. The accounts are locked. */
const TEXT = `
WITH entry AS (
  SELECT * FROM unnest($1::int[], $2::text[], $3::uuid[], $4::int[]) AS t (account_id, kind, batch, cost)
), charged AS (
  UPDATE account a SET balance = a.balance - e.credits
  FROM (SELECT account_id, sum(cost) AS credits FROM entry GROUP BY account_id) e
  WHERE a.id = e.account_id
  RETURNING a.id, a.organization_id, a.balance
)
INSERT INTO ledger (organization_id, account_id, kind, credits, balance, batches, costs)
SELECT c.organization_id, c.id, e.kind, -e.credits,
       c.balance + coalesce(sum(e.credits) OVER (PARTITION BY c.id ORDER BY e.kind DESC
                                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0),
       e.batches, e.costs
FROM charged c JOIN (
  SELECT account_id, kind, sum(cost) AS credits, array_agg(batch) AS batches, array_agg(cost) AS costs
  FROM entry GROUP BY account_id, kind
) e ON e.account_id = c.id
ORDER BY c.id, e.kind`;

export async function chargeAccounts(db: Database, charges: readonly Charge[]): Promise<void> {
  await db.query({ name: "charge-accounts", text: TEXT, values: columns(charges, NAMES) });
}
