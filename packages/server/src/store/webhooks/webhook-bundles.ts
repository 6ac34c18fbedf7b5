import { firstIdAt, newBatchId } from "../../message/id.ts";
import { type BundleRef, materializing } from "../bundle.ts";
import { columns, type Database } from "../database.ts";

/** A webhook in memory that has no row yet, and what that is to hold. */
export interface BundledWebhook {
  accountId: number;
  id: string;
  url: string;
  endpoint: number;
}

/** For the webhooks that a statement is about to hand to this node (migrations/0008_untried.sql). */
export function newWebhookBundle(): BundleRef {
  return { id: newBatchId(Date.now()), left: 0 };
}

const NAMES = ["accountId", "id", "url", "endpoint"] as const satisfies readonly (keyof BundledWebhook)[];

const WRITE = `
WITH gone AS (
  DELETE FROM webhook_bundle WHERE id = ANY ($6::uuid[])
)
INSERT INTO webhook (account_id, id, url, endpoint, next_at, leased_by)
SELECT account_id, id, url, endpoint, now(), $5 FROM unnest($1::int[], $2::uuid[], $3::text[], $4::int[])
  AS t (account_id, id, url, endpoint)
ON CONFLICT (account_id, id) DO NOTHING`;

/**
 * Gives webhooks their rows before a try; one that another node has taken over has one already, and keeps it.
 * @param leasedBy 0 leaves them to be claimed
 * @param ended what they are the last of
 */
export async function writeBundledWebhooks(
  db: Database,
  hooks: readonly BundledWebhook[],
  leasedBy: number,
  ended: readonly string[],
): Promise<void> {
  await db.query({ name: "write-bundle", text: WRITE, values: [...columns(hooks, NAMES), leasedBy, ended] });
}

/** Bundled webhooks as rows that wait to be claimed; those that have a row keep it. `which` is of `bundled_webhook u`. */
function materialized(which: string): string {
  return `
INSERT INTO webhook (account_id, id, url, endpoint, next_at, leased_by)
SELECT u.account_id, u.id, coalesce(m.callback, b.callback), coalesce(m.endpoint, b.endpoint), now(), 0
FROM bundled_webhook u JOIN message m ON m.id = u.id LEFT JOIN batch b ON b.id = m.batch_id
WHERE ${which} AND coalesce(m.callback, b.callback) IS NOT NULL
ON CONFLICT (account_id, id) DO NOTHING`;
}

/**
 * Ends the bundles that `which` says: those of their webhooks that have no row get one, to be claimed. A webhook
 * whose first try is being recorded at this moment has the one or the other, by its key.
 */
export function materializeWebhookBundles(which: string): string {
  return materializing("webhook_bundle", which, materialized("u.bundle IN (SELECT id FROM which)"));
}

/** Gives these bundled webhooks of a node rows, to be claimed; those that have one keep it. */
export async function materializeWebhooks(db: Database, ids: readonly string[], node: number): Promise<void> {
  await db.query({ text: materialized("u.node = $2 AND u.id = ANY ($1::uuid[])"), values: [ids, node] });
}

/** Webhooks that became final together, as the store has them. */
export interface StoredWebhookBundle {
  id: string;
  /** Those that have no row. */
  webhooks: string[];
}

const STORED = `
SELECT u.id, ARRAY(
  SELECT w.id FROM unnest(u.ids, u.account_ids) AS w (id, account_id)
  WHERE NOT EXISTS (SELECT FROM webhook h WHERE h.account_id = w.account_id AND h.id = w.id)
) AS webhooks
FROM webhook_bundle u WHERE u.node = $1 AND u.id < $2`;

/** @param until those that were made until then, in epoch milliseconds: nearly all are gone soon */
export async function storedWebhookBundles(db: Database, node: number, until: number): Promise<StoredWebhookBundle[]> {
  const values = [node, firstIdAt(until)];
  return (await db.query<StoredWebhookBundle>({ name: "stored-bundle", text: STORED, values })).rows;
}

/**
 * Ends bundles of which each webhook has a row although they are still there: their last webhooks got theirs from
 * several statements at once.
 */
export async function endWebhookBundles(db: Database, ids: readonly string[]): Promise<void> {
  await db.query({ name: "end-bundle", text: "DELETE FROM webhook_bundle WHERE id = ANY ($1::uuid[])", values: [ids] });
}
