import { newBatchId } from "../../message/id.ts";
import { type BundleRef, Bundles } from "../bundle.ts";
import { columns, type Database } from "../database.ts";

/** Of webhooks (migrations/0008_untried.sql): where they go and what they say follows from their messages. */
export const WEBHOOK_BUNDLES = new Bundles({
  table: "webhook_bundle",
  missing: `
  SELECT u.id FROM unnest(b.ids, b.account_ids) AS u (id, account_id)
  WHERE NOT EXISTS (SELECT FROM webhook h WHERE h.account_id = u.account_id AND h.id = u.id)`,
  rowsOf: (condition) => `
INSERT INTO webhook (account_id, id, url, endpoint, next_at, leased_by)
SELECT b.account_id, b.id, coalesce(m.callback, a.callback), coalesce(m.endpoint, a.endpoint), now(), 0
FROM bundled_webhook b JOIN message m ON m.id = b.id LEFT JOIN batch a ON a.id = m.batch_id
WHERE ${condition} AND coalesce(m.callback, a.callback) IS NOT NULL
ON CONFLICT (account_id, id) DO NOTHING`,
});

/** A webhook in memory that has no row yet, and what that is to hold. */
export interface BundledWebhook {
  accountId: number;
  id: string;
  url: string;
  endpoint: number;
}

/** For the webhooks that a statement is about to hand to this node. */
export function newWebhookBundle(): BundleRef {
  return { id: newBatchId(Date.now()), left: 0 };
}

const NAMES = ["accountId", "id", "url", "endpoint"] as const satisfies readonly (keyof BundledWebhook)[];

const WRITE = `
WITH ${WEBHOOK_BUNDLES.goneSql("$6")}
INSERT INTO webhook (account_id, id, url, endpoint, next_at, leased_by)
SELECT account_id, id, url, endpoint, now(), $5 FROM unnest($1::int[], $2::uuid[], $3::text[], $4::int[])
  AS t (account_id, id, url, endpoint)
ON CONFLICT (account_id, id) DO NOTHING`;

/**
 * Gives webhooks their rows before a try; one that another node has taken over has one already, and keeps it.
 * @param leasedBy 0 leaves them to be claimed
 * @param ended the bundles of which they are the last
 */
export async function writeBundledWebhooks(
  db: Database,
  hooks: readonly BundledWebhook[],
  leasedBy: number,
  ended: readonly string[],
): Promise<void> {
  await db.query({ name: "write-bundle", text: WRITE, values: [...columns(hooks, NAMES), leasedBy, ended] });
}
