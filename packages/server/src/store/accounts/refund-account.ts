import type { Database } from "../database.ts";
import type { CancelledBatch } from "../messages/pending-batches.ts";

/** Frees the credits that were held for cancelled batches: one update and one row of the ledger. Answers the balance. */
const TEXT = `
WITH freed AS (
  UPDATE account SET balance = balance + (SELECT sum(cost) FROM unnest($3::int[]) AS t (cost)) WHERE id = $1
  RETURNING id, organization_id, balance
), entered AS (
  INSERT INTO ledger (organization_id, account_id, kind, credits, balance, batches, costs)
  SELECT organization_id, id, 'cancel', (SELECT sum(cost) FROM unnest($3::int[]) AS t (cost)), balance, $2::uuid[],
         ARRAY(SELECT -cost FROM unnest($3::int[]) WITH ORDINALITY AS t (cost, position) ORDER BY position)
  FROM freed
)
SELECT balance FROM freed`;

export async function refundAccount(
  db: Database,
  accountId: number,
  batches: readonly CancelledBatch[],
): Promise<number> {
  const { rows } = await db.query<{ balance: number }>({
    name: "refund-account",
    text: TEXT,
    values: [accountId, batches.map(({ visibleId }) => visibleId), batches.map(({ cost }) => cost)],
  });
  return (rows[0] as { balance: number }).balance;
}
