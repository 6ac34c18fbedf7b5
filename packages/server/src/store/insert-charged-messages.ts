import { columnsBy, type Database } from "./database.ts";
import { INSERT_MESSAGES, MESSAGE_COLUMNS, type NewMessage } from "./insert-messages.ts";

/** What an account is charged in one flush: for each batch its cost, in the same order, and the sum. */
export interface AccountCharge {
  credits: number;
  batches: string[];
  costs: number[];
}

/**
 * Accept where messages are priced, the usual case: in one statement the accounts of a flush are charged, by one update
 * each, the ledger gets a row for each, and the messages of those that could pay are stored. An account that cannot pay
 * for all its requests of the flush is left out whole: which of them go is decided one by one (accept/price.ts).
 * Arrays of arrays must be even in PostgreSQL, so an account's batches and costs come as one text each.
 */
const TEXT = `
WITH charged AS (
  UPDATE account a SET balance = a.balance - c.credits
  FROM unnest($14::int[], $15::bigint[], $16::text[], $17::text[]) AS c (account_id, credits, batches, costs)
  WHERE a.id = c.account_id AND a.priced AND a.deleted_at IS NULL AND (a.overdraft OR a.balance >= c.credits)
  RETURNING a.id, a.organization_id, a.balance, c.credits, c.batches, c.costs
), entered AS (
  INSERT INTO ledger (organization_id, account_id, kind, credits, balance, batches, costs)
  SELECT organization_id, id, 'charge', -credits, balance, batches::uuid[], costs::int[] FROM charged
), stored AS (${INSERT_MESSAGES}
  WHERE t.account_id = ANY (ARRAY(SELECT id FROM charged))
)
SELECT id FROM charged`;

/** @returns the accounts whose messages were stored */
export async function insertChargedMessages(
  db: Database,
  rows: readonly NewMessage[],
  charges: ReadonlyMap<number, AccountCharge>,
): Promise<Set<number>> {
  // In the order of the accounts' ids, as everybody locks them.
  const accounts = [...charges].sort(([a], [b]) => a - b);
  const { rows: charged } = await db.query<{ id: number }>({
    name: "insert-charged-messages",
    text: TEXT,
    values: [
      ...columnsBy(rows, MESSAGE_COLUMNS),
      accounts.map(([id]) => id),
      accounts.map(([, { credits }]) => credits),
      accounts.map(([, { batches }]) => `{${batches.join(",")}}`),
      accounts.map(([, { costs }]) => `{${costs.join(",")}}`),
    ],
  });
  return new Set(charged.map(({ id }) => id));
}
