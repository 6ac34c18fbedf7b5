import { batchOf, messageId } from "../../message/id.ts";
import type { Database } from "../database.ts";
import { BUFFERED } from "./bundles.ts";

/** An identifier that a caller gave, and what it is to stand for. */
export interface GivenId {
  accountId: number;
  kind: "b" | "m";
  given: string;
  id: string;
  /** The field that gives it. */
  path: string;
}

/**
 * Whether an identifier names a batch or a message that we made for this account. (The batch of a single message has no
 * row of its own: `first_message` is the id that its message would have. What is held for its time or waits in a bundle has
 * only a batch's.) Every bundle in memory is looked through, so only for what can be ours: a UUID of version 7.
 */
const MADE_BY_US = `
   EXISTS (SELECT FROM message m WHERE m.id IN (w.given, w.first_message) AND m.account_id = w.account_id)
   OR EXISTS (SELECT FROM batch b WHERE b.id = w.batch AND b.account_id = w.account_id)
   OR EXISTS (SELECT FROM bundled_message m WHERE substr(w.given::text, 15, 1) = '7' AND ${BUFFERED}
              AND m.ids && ARRAY[w.given, w.first_message] AND m.id IN (w.given, w.first_message) AND m.account_id = w.account_id)
   OR EXISTS (SELECT FROM pending_batch p WHERE p.id = w.batch AND p.account_id = w.account_id)`;

const WANTED = `
wanted AS (
  SELECT * FROM unnest($1::int[], $2::"char"[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[]) WITH ORDINALITY
    AS t (account_id, kind, given, id, batch, first_message, position)
)`;

/**
 * Takes identifiers for good; answers the ids of those whose identifier was used before by its account: given earlier,
 * or made by us for a batch or a message of this account. Runs inside the transaction that stores what they name.
 * In the identifiers' order, so that two processes do not wait for each other; of equal ones the first has it.
 */
const RESERVE = `
WITH ${WANTED}, taken AS (
  INSERT INTO given_id (account_id, kind, given, id)
  SELECT account_id, kind, given, id FROM wanted w WHERE NOT (${MADE_BY_US})
  ORDER BY account_id, given, position
  ON CONFLICT DO NOTHING
  RETURNING id
)
SELECT id FROM wanted WHERE id NOT IN (SELECT id FROM taken)`;

export function reserveGivenIds(db: Database, ids: readonly GivenId[]): Promise<Set<string>> {
  return used(db, RESERVE, ids);
}

/** The same answer, with nothing taken. */
const FIND_USED = `
WITH ${WANTED}
SELECT id FROM wanted w
WHERE EXISTS (SELECT FROM given_id g WHERE g.account_id = w.account_id AND g.given = w.given) OR ${MADE_BY_US}`;

export function findUsedIds(db: Database, ids: readonly GivenId[]): Promise<Set<string>> {
  return used(db, FIND_USED, ids);
}

async function used(db: Database, text: string, ids: readonly GivenId[]): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>({
    text,
    values: [
      ids.map((i) => i.accountId),
      ids.map((i) => i.kind),
      ids.map((i) => i.given),
      ids.map((i) => i.id),
      ids.map((i) => batchOf(i.given)),
      ids.map((i) => (i.given === batchOf(i.given) ? messageId(i.given, 1) : i.given)),
    ],
  });
  return new Set(rows.map((row) => row.id));
}

/** Gives back identifiers that were reserved in this transaction, for a request that is refused after all. */
export async function releaseGivenIds(db: Database, ids: readonly GivenId[]): Promise<void> {
  await db.query({
    text: `DELETE FROM given_id g USING unnest($1::int[], $2::"char"[], $3::uuid[]) AS t (account_id, kind, given)
           WHERE g.account_id = t.account_id AND g.kind = t.kind AND g.given = t.given`,
    values: [ids.map((i) => i.accountId), ids.map((i) => i.kind), ids.map((i) => i.given)],
  });
}
