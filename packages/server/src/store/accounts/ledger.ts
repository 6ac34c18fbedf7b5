import { columns, type Database } from "../database.ts";

/** What moves credits; which way is the sign's word. */
export type LedgerKind = "topup" | "charge" | "hold" | "cancel" | "return" | "add";

/** A movement of an account's credits, or, without an account, of the organization's own. */
export interface Movement {
  organizationId: number;
  accountId: number | null;
  kind: LedgerKind;
  credits: number;
  /** After it. */
  balance: number;
  /** The identifier of the batch that it is for. */
  batch: string | null;
}

const NAMES = [
  "organizationId",
  "accountId",
  "kind",
  "credits",
  "balance",
  "batch",
] as const satisfies readonly (keyof Movement)[];

/** Enters movements in their order, under the lock of the rows that they move. */
export async function enterMovements(db: Database, movements: readonly Movement[]): Promise<void> {
  await db.query({
    text: `INSERT INTO ledger (organization_id, account_id, kind, credits, balance, batches)
           SELECT organization_id, account_id, kind, credits, balance, CASE WHEN batch IS NOT NULL THEN ARRAY[batch] END
           FROM unnest($1::int[], $2::int[], $3::text[], $4::bigint[], $5::bigint[], $6::uuid[]) WITH ORDINALITY
             AS t (organization_id, account_id, kind, credits, balance, batch, position)
           ORDER BY position`,
    values: columns(movements, NAMES),
  });
}

/** A place in the ledger: a row and the number (1…) of a batch in it. */
export interface LedgerPlace {
  row: number;
  batch: number;
}

export interface LedgerItem extends LedgerPlace {
  at: Date;
  kind: LedgerKind;
  credits: number;
  balance: number;
  batchUuid: string | null;
}

/**
 * An account's movements, the newest first. A row that stands for several batches comes apart into them, each with the
 * balance after it: that of the row, without what came later in it.
 */
const LIST = `
SELECT l.id AS row, e.number::int AS batch, l.at, l.kind, e.batch AS "batchUuid",
       CASE WHEN e.cost IS NULL THEN l.credits ELSE -e.cost END AS credits, l.balance + e.later AS balance
FROM (
  SELECT * FROM ledger WHERE account_id = $1 AND id <= $2 ORDER BY id DESC LIMIT $4 + 1
) l CROSS JOIN LATERAL (
  SELECT number, batch, cost,
         coalesce(sum(cost) OVER (ORDER BY number DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS later
  FROM unnest(coalesce(l.batches, ARRAY[NULL::uuid]), l.costs) WITH ORDINALITY AS t (batch, cost, number)
) e
WHERE l.id < $2 OR e.number < $3
ORDER BY l.id DESC, e.number DESC LIMIT $4`;

/** From behind `after`. */
export async function listLedger(
  db: Database,
  accountId: number,
  after: LedgerPlace | null,
  limit: number,
): Promise<LedgerItem[]> {
  const { rows } = await db.query<LedgerItem>({
    text: LIST,
    values: [accountId, after?.row ?? Number.MAX_SAFE_INTEGER, after?.batch ?? 0, limit],
  });
  return rows;
}
