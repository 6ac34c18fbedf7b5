import { columnsBy, type Database } from "../database.ts";
import { acceptedCounts, countValues, insertCounts } from "../stats/accepted.ts";
import { type BundleText, bundleRow, bundleText } from "./bundles.ts";
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
const textFor = (first: number, stored: string): string => `
WITH charged AS (
  UPDATE account a SET balance = a.balance - c.credits
  FROM unnest($${first}::int[], $${first + 1}::bigint[], ${lines(first + 2)}, ${lines(first + 3)})
    AS c (account_id, credits, batches, costs)
  WHERE a.id = c.account_id AND a.priced AND a.deleted_at IS NULL AND (a.overdraft OR a.balance >= c.credits)
  RETURNING a.id, a.organization_id, a.balance, c.credits, c.batches, c.costs
), entered AS (
  INSERT INTO ledger (organization_id, account_id, kind, credits, balance, batches, costs)
  SELECT organization_id, id, 'charge', -credits, balance, batches::uuid[], costs::int[] FROM charged
), stored AS (${stored}
  WHERE t.account_id = ANY (ARRAY(SELECT id FROM charged))
), stats AS (
  ${insertCounts(first + 4, "account_id = ANY (ARRAY(SELECT id FROM charged))")}
)
SELECT id FROM charged`;

/** Texts without line ends, as JSON and arrays have none: an array's elements have each of their quotes escaped. */
function lines(parameter: number): string {
  return `string_to_array($${parameter}, E'\\n')`;
}

const MESSAGES = textFor(14, INSERT_MESSAGES);
const BUNDLES = textFor(
  7,
  `
  INSERT INTO message_bundle (id, node, account_id, expires_at, ids, messages)
  SELECT id, $1::int, 0, to_timestamp(expires_at / 1000), ids::uuid[], messages
  FROM unnest($2::int[], $3::uuid[], $4::float8[], ${lines(5)}, ${lines(6)})
    AS t (account_id, id, expires_at, ids, messages)`,
);

/** In the order of the accounts' ids, as everybody locks them. */
function valuesOf(charges: ReadonlyMap<number, AccountCharge>): unknown[] {
  const accounts = [...charges].sort(([a], [b]) => a - b);
  return [
    accounts.map(([id]) => id),
    accounts.map(([, { credits }]) => credits),
    accounts.map(([, { batches }]) => `{${batches.join(",")}}`).join("\n"),
    accounts.map(([, { costs }]) => `{${costs.join(",")}}`).join("\n"),
  ];
}

/** @returns the accounts whose messages were stored */
export async function insertChargedMessages(
  db: Database,
  rows: readonly NewMessage[],
  charges: ReadonlyMap<number, AccountCharge>,
): Promise<Set<number>> {
  const byAccount = new Map<number, NewMessage[]>([...charges.keys()].map((id) => [id, []]));
  for (const row of rows) byAccount.get(row.accountId)?.push(row);
  const counts = [...byAccount.values()].flatMap(acceptedCounts);
  const values = [...columnsBy(rows, MESSAGE_COLUMNS), ...valuesOf(charges), ...countValues(counts)];
  const { rows: charged } = await db.query<{ id: number }>({ name: "insert-charged-messages", text: MESSAGES, values });
  return new Set(charged.map(({ id }) => id));
}

/**
 * The same in bundles, one of each account.
 * @returns what was stored, by account
 */
export async function insertChargedBundles(
  db: Database,
  messages: ReadonlyMap<number, readonly NewMessage[]>,
  node: number,
  charges: ReadonlyMap<number, AccountCharge>,
): Promise<Map<number, BundleText>> {
  const bundles = [...messages].map(([accountId, own]) => ({ accountId, row: bundleRow(own) }));
  const values = [
    node,
    bundles.map(({ accountId }) => accountId),
    bundles.map(({ row }) => row.id),
    bundles.map(({ row }) => row.expiresAt),
    bundles.map(({ row }) => row.ids).join("\n"),
    bundles.map(({ row }) => row.text).join("\n"),
    ...valuesOf(charges),
    ...countValues([...messages.values()].flatMap(acceptedCounts)),
  ];
  const { rows: charged } = await db.query<{ id: number }>({ name: "insert-charged-bundles", text: BUNDLES, values });
  const stored = new Set(charged.map(({ id }) => id));
  const kept = bundles.filter(({ accountId }) => stored.has(accountId));
  return new Map(kept.map(({ accountId, row }) => [accountId, bundleText(row, null)]));
}
