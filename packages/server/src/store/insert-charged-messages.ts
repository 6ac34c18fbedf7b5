import { columns, type Database } from "./database.ts";
import { INSERT_MESSAGES, MESSAGE_COLUMNS, type NewMessage } from "./insert-messages.ts";

/** A message of a priced account, with the batch that the ledger names. */
export interface ChargedMessage extends NewMessage {
  ledgerBatch: string;
}

/**
 * Accept where messages are priced, the usual case: in one statement the accounts of a flush are charged, by one update
 * each, the ledger gets a row for each, and the messages of those that could pay are stored. An account that cannot pay
 * for all its requests of the flush is left out whole: which of them go is decided one by one (accept/price.ts).
 */
const TEXT = `
WITH charged AS (
  UPDATE account a SET balance = a.balance - c.credits
  FROM unnest($14::int[], $15::bigint[]) AS c (account_id, credits)
  WHERE a.id = c.account_id AND a.priced AND a.deleted_at IS NULL AND (a.overdraft OR a.balance >= c.credits)
  RETURNING a.id, a.organization_id, a.balance, c.credits
), entered AS (
  INSERT INTO ledger (organization_id, account_id, kind, credits, balance, batches, costs)
  SELECT c.organization_id, c.id, 'charge', -c.credits, c.balance, e.batches, e.costs
  FROM charged c JOIN (
    SELECT account_id, array_agg(batch) AS batches, array_agg(cost) AS costs
    FROM unnest($2::int[], $16::uuid[], $4::int[]) AS t (account_id, batch, cost) GROUP BY account_id
  ) e ON e.account_id = c.id
), stored AS (${INSERT_MESSAGES}
  WHERE t.account_id = ANY (ARRAY(SELECT id FROM charged))
)
SELECT id FROM charged`;

/**
 * @param credits what each account is to be charged, in the order of the accounts' ids, as everybody locks them
 * @returns the accounts whose messages were stored
 */
export async function insertChargedMessages(
  db: Database,
  rows: readonly ChargedMessage[],
  credits: ReadonlyMap<number, number>,
): Promise<Set<number>> {
  const accounts = [...credits.keys()].sort((a, b) => a - b);
  const { rows: charged } = await db.query<{ id: number }>({
    name: "insert-charged-messages",
    text: TEXT,
    values: [
      ...columns(rows, MESSAGE_COLUMNS),
      accounts,
      accounts.map((id) => credits.get(id)),
      rows.map(({ ledgerBatch }) => ledgerBatch),
    ],
  });
  return new Set(charged.map(({ id }) => id));
}
