import type { Channel } from "../../message/channel.ts";
import { type Endpoint, EndpointMap } from "../../message/endpoint.ts";
import { DELIVERED, FAILED, isFinalSql, SUBMITTED } from "../../message/lifecycle.ts";
import type { BundleRef } from "../bundle.ts";
import { columns, type Database } from "../database.ts";
import { movedCounts } from "../stats/counts.ts";
import { newWebhookBundle } from "../webhooks/webhook-bundles.ts";

/** A statement that moves messages on, and makes some of them final. */
export interface Moving {
  name: string;
  /** `moved AS (…)`, which returns the columns of MOVED, and what else is to be done with that. */
  text: string;
  values: readonly unknown[];
  /** Whether it moves what was accepted, so that what a carrier has now is counted as submitted. */
  submits: boolean;
}

/**
 * Runs it with the tail of all that makes messages final. Answers every message that was moved, with what stands in for
 * its webhook's row where that is handed to the lease's node.
 * @param node the sums'
 */
export async function recordMoved(
  db: Database,
  { name, text, values, submits }: Moving,
  node: number,
  lease: WebhookLease,
): Promise<FinalRow[]> {
  const bundle = newWebhookBundle();
  const { rows } = await db.query<FinalRow>({
    name: `${name}${takesAll(lease) ? "" : ", some wait"}`,
    text: `WITH ${text}, ${finalsTail(values.length + 1, lease, submits)} SELECT ${OWED} FROM owed`,
    values: [
      ...values,
      node,
      bundle.id,
      lease.node,
      ...(takesAll(lease) ? [] : columns(lease.full, ["accountId", "endpoint"])),
    ],
  });
  handOff(rows, bundle, lease);
  return rows;
}

/**
 * The tail that every statement which makes messages final shares: from the rows of `moved` it adds to the sums of
 * their batches and to the statistics, and notes what is owed, in the same statement, so that no crash comes between a
 * final state and its webhook. What is handed to a node's memory gets its row with its first try, and until then one row
 * of `webhook_bundle` stands for all of the flush; other webhooks have rows from the beginning. `moved` has the columns
 * of MOVED; what is final and what is not of its rows comes out of `owed`.
 *
 * Its parameters begin with `first`.
 */
function finalsTail(first: number, lease: WebhookLease, submits: boolean): string {
  const [node, bundle, leaser, accounts, endpoints] = [0, 1, 2, 3, 4].map((place) => `$${first + place}`);
  const owing = `owed WHERE ${isFinalSql("state")} AND endpoint IS NOT NULL`;
  const full = `SELECT * FROM unnest(${accounts}::int[], ${endpoints}::int[])`;
  const waits = `(${leaser}::int = 0 OR (account_id, endpoint) IN (${full}))`;
  const waiting = `
waiting AS (
  INSERT INTO webhook (id, account_id, url, endpoint, next_at, leased_by)
  SELECT id, account_id, url, endpoint, now(), 0 FROM ${owing} AND ${waits}
),`;
  return `
counted AS (
  INSERT INTO batch_count AS c (batch_id, node, delivered, failed)
  SELECT batch_id, ${node}::int, count(*) FILTER (WHERE state = ${DELIVERED}), count(*) FILTER (WHERE state = ${FAILED})
  FROM moved WHERE batch_id IS NOT NULL AND ${isFinalSql("state")} GROUP BY batch_id ORDER BY batch_id
  ON CONFLICT (batch_id, node) DO UPDATE
  SET delivered = c.delivered + excluded.delivered, failed = c.failed + excluded.failed
), stats AS (${movedCounts(submits)}
), owed AS (
  SELECT m.id, m.account_id, m.batch_id, m.given_id, m.destination::text AS destination, m.state, m.code,
         m.carrier, m.carrier_message_id, m.channel, b.given_id AS batch_given_id,
         coalesce(m.callback, b.callback) AS url, coalesce(m.endpoint, b.endpoint) AS endpoint
  FROM moved m LEFT JOIN batch b ON ${isFinalSql("m.state")} AND b.id = m.batch_id
), ${takesAll(lease) ? "" : waiting} handed AS (
  INSERT INTO webhook_bundle (id, node, ids, account_ids)
  SELECT ${bundle}::uuid, ${leaser}::int, array_agg(id), array_agg(account_id)
  FROM ${owing} ${takesAll(lease) ? "" : `AND NOT ${waits}`} HAVING count(*) > 0
)`;
}

/** What `moved` returns of each message. */
export const MOVED = `m.id, m.account_id, m.batch_id, m.given_id, m.destination, m.endpoint, m.callback, m.state, m.code,
            m.carrier, m.carrier_message_id, m.channel, m.submitted_at`;

/** `FinalRow`s, of `owed`. */
const OWED = `id, account_id AS "accountId", batch_id AS "batchId", given_id AS "givenId",
       batch_given_id AS "batchGivenId", destination, state, code, carrier, channel,
       carrier_message_id AS "carrierMessageId", url, endpoint`;

/** A message as a flush has left it, mostly final, with what its webhook says. `endpoint` is null where nobody is to be told. */
export interface FinalRow {
  id: string;
  accountId: number;
  batchId: string | null;
  givenId: string | null;
  batchGivenId: string | null;
  destination: string;
  state: number;
  code: number;
  carrier: number;
  carrierMessageId: string;
  /** That it was at last; null for SMS. */
  channel: Channel | null;
  url: string | null;
  endpoint: number | null;
  /** The bundle that its webhook is in, where that is handed to this node's memory. */
  bundle?: BundleRef;
}

/** Who is to have the webhooks of a flush in memory. */
export interface WebhookLease {
  /** The node whose memory takes them; 0 leaves them to whoever claims them. */
  node: number;
  /** Endpoints that its memory has no room for. */
  full: readonly Endpoint[];
}

function takesAll({ node, full }: WebhookLease): boolean {
  return node > 0 && full.length === 0;
}

/** Notes at those of the rows that are handed off what stands in for their webhooks' rows, and counts them there. */
export function handOff(rows: readonly FinalRow[], bundle: BundleRef, { node, full }: WebhookLease): void {
  if (node === 0) return;
  const waiting = new EndpointMap<true>();
  for (const endpoint of full) waiting.set(endpoint, true);
  for (const row of rows) {
    const { state, accountId, endpoint } = row;
    if (state === SUBMITTED || endpoint === null) continue;
    if (waiting.size > 0 && waiting.has({ accountId, endpoint })) continue;
    row.bundle = bundle;
    bundle.left++;
  }
}
