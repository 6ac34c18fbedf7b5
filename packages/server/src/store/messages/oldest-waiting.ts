import type { Database } from "../database.ts";
import { skipScan } from "../skip-scan.ts";
import { NOT_DUE, WAITS } from "../webhooks/leased-by.ts";

/** Since when the oldest row waits at a stage, in epoch milliseconds; null where none does. */
export type OldestWaiting = {
  /** To be submitted, in somebody's memory or not. */
  send: number | null;
  /** A receipt whose message is not known yet. */
  receipt: number | null;
  /** A webhook's next try; one that is held back for its endpoint's sake counts. */
  notify: number | null;
  /** A scheduled batch, beyond its time. */
  schedule: number | null;
};

const NEXT_RIPE = `
SELECT extract(epoch FROM min(next_at))::float8 * 1000 FROM webhook WHERE leased_by = ${NOT_DUE} AND next_at <= now()`;

/**
 * Steps through the index from one node and account, or endpoint, to the next: the cost grows with those for whom
 * something waits, not with their rows.
 */
function oldestOf(table: "message" | "webhook", owner: "account_id" | "account_id, endpoint"): string {
  const keys = `leased_by, ${owner}`;
  const owners = keys.replace(/\w+/g, "w.$&");
  return `
WITH RECURSIVE ${skipScan("waiting", table, keys, `next_at IS NOT NULL AND leased_by >= ${WAITS}`)}
SELECT extract(epoch FROM min(o.next_at))::float8 * 1000 AS at FROM waiting w CROSS JOIN LATERAL (
  SELECT next_at FROM ${table} WHERE (${keys}) = (${owners}) AND next_at <= now()
  ORDER BY next_at LIMIT 1
) o`;
}

/** What waits in other rows than its own waits since their ids' time, in milliseconds (src/message/id.ts). */
const oldestIn = (table: "message_bundle" | "webhook_bundle"): string => `
SELECT ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint::float8 FROM ${table} WHERE node >= 0
ORDER BY id LIMIT 1`;

const TEXTS: Record<keyof OldestWaiting, string> = {
  send: `SELECT least((${oldestOf("message", "account_id")}), (${oldestIn("message_bundle")})) AS at`,
  receipt: "SELECT extract(epoch FROM received_at)::float8 * 1000 AS at FROM parked_receipt ORDER BY id LIMIT 1",
  notify: `SELECT least((${oldestOf("webhook", "account_id, endpoint")}), (${oldestIn("webhook_bundle")}), (${NEXT_RIPE})) AS at`,
  schedule: "SELECT extract(epoch FROM min(at))::float8 * 1000 AS at FROM pending_batch WHERE at <= now()",
};

export async function oldestWaiting(db: Database): Promise<OldestWaiting> {
  const oldest: OldestWaiting = { send: null, receipt: null, notify: null, schedule: null };
  for (const stage of Object.keys(TEXTS) as (keyof OldestWaiting)[]) {
    const { rows } = await db.query<{ at: number | null }>({ name: `oldest-waiting ${stage}`, text: TEXTS[stage] });
    oldest[stage] = rows[0]?.at ?? null;
  }
  return oldest;
}
