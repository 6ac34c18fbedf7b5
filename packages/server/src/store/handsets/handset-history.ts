import type { Database } from "../database.ts";
import { readingBundles } from "../messages/unreadable-bundles.ts";
import type { ErasureTarget } from "./erase-final.ts";
import { hashOf } from "./handset-hash.ts";

/** What a look through history has found, and where it goes on; null at its end. */
export interface HistoryPage<Found, Place> {
  found: Found[];
  next: Place | null;
}

/** Rows that are looked at in one statement: 20 to 50 ms. */
const PAGE = 50_000;

/**
 * A number's messages have no index: it would cost every message what the index on answerable ones costs those, a third
 * more WAL when it is inserted and as much again when it is submitted. All are read instead, in the order of their ids,
 * a page at a time: a million in 0.7 s.
 */
const MESSAGES = `
WITH scanned AS MATERIALIZED (
  SELECT id, account_id, destination FROM message WHERE id > $1 ORDER BY id LIMIT ${PAGE}
)
SELECT id, account_id AS "accountId" FROM scanned WHERE destination = $2 AND account_id = ANY ($3::int[])
UNION ALL
(SELECT id, NULL FROM scanned ORDER BY id OFFSET ${PAGE - 1})`;

/** The messages of these accounts to a handset, final or not. @param after the id that they come after */
export function messagesTo(
  db: Database,
  handset: string,
  accountIds: readonly number[],
  after: string,
): Promise<HistoryPage<ErasureTarget, string>> {
  return page(db, "messages-to-handset", MESSAGES, [after, handset, accountIds]);
}

/** Their messages to it that have no row yet. Look here first: what gets its row meanwhile is found there. */
export async function bundledTo(
  db: Database,
  handset: string,
  accountIds: readonly number[],
): Promise<ErasureTarget[]> {
  const text = `SELECT id, account_id AS "accountId" FROM bundled_message WHERE destination = $1 AND account_id = ANY ($2::int[])`;
  const values = [handset, accountIds];
  return (await readingBundles(db, () => db.query<ErasureTarget>({ text, values }))).rows;
}

const INBOUND = `
WITH scanned AS MATERIALIZED (
  SELECT id, handset FROM inbound WHERE account_id = $3 AND id > $1 ORDER BY id LIMIT ${PAGE}
)
SELECT id, $3::int AS "accountId" FROM scanned WHERE handset = $2
UNION ALL
(SELECT id, NULL FROM scanned ORDER BY id OFFSET ${PAGE - 1})`;

/** What a handset wrote to an account. */
export function inboundFrom(
  db: Database,
  handset: string,
  accountId: number,
  after: string,
): Promise<HistoryPage<ErasureTarget, string>> {
  return page(db, "inbound-from-handset", INBOUND, [after, handset, accountId]);
}

async function page(
  db: Database,
  name: string,
  text: string,
  values: unknown[],
): Promise<HistoryPage<ErasureTarget, string>> {
  const { rows } = await db.query<{ id: string; accountId: number | null }>({ name, text, values });
  return {
    found: rows.flatMap(({ id, accountId }) => (accountId === null ? [] : [{ id, accountId }])),
    next: rows.find(({ accountId }) => accountId === null)?.id ?? null,
  };
}

/** Parts that wait for others, and those that are kept to know them again. */
const PARTS = `
DELETE FROM inbound_part p
WHERE p.handset = $1 AND (
  EXISTS (SELECT FROM sender s WHERE s.folded = p.number AND s.value = p.number AND s.organization_id = $2)
  OR p.number::bigint IN (SELECT l.number FROM shared_lock l WHERE l.account_id = ANY ($3::int[])
                          AND l.handset_hash = ${hashOf("$1")}))`;

/** Deletes the parts of long messages from a handset to the numbers of an organization. */
export async function deletePartsFrom(
  db: Database,
  handset: string,
  organizationId: number,
  accountIds: readonly number[],
): Promise<void> {
  await db.query({ text: PARTS, values: [handset, organizationId, accountIds] });
}
