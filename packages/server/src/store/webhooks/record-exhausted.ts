import { mayTry, WEBHOOK } from "../../message/webhook.ts";
import type { BundleRef } from "../bundle.ts";
import { columns, type Database } from "../database.ts";
import { addTakenOver } from "../taken-over.ts";
import type { Partitions } from "../upkeep/partition-names.ts";
import { writeBundledWebhooks } from "./webhook-bundles.ts";

/** A webhook whose last try has failed. */
export interface ExhaustedRow {
  accountId: number;
  id: string;
  /** The attempt as JSON text. */
  attempt: string;
  /** Of the URL, for its account to read. */
  origin: string;
  /** Why the try failed, for its account to read. */
  reason: string;
  /** Of the webhook, which needs them in its row. */
  url: string;
  endpoint: number;
  /** Where this is the webhook's first try, and it has no row yet. */
  bundle: BundleRef | undefined;
}

const NAMES = ["accountId", "id", "attempt", "origin", "reason"] as const satisfies readonly (keyof ExhaustedRow)[];

/** Identifiers that an event names at most. */
export const NAMED_IDS = 20;

/**
 * Notify: `recordAttempts` for what is not tried again. Where the account has a URL for events, what it is to be told
 * of the endpoint is kept in the same statement; what becomes of events themselves is not told. In the order of the key,
 * so that two programs do not wait for each other.
 */
const textFor = (partition: string): string => `
WITH moved AS (
  UPDATE ${partition} h
  SET state = ${WEBHOOK.exhausted}, tries = h.tries + 1, next_at = NULL, leased_by = 0, attempts = array_append(h.attempts, t.attempt)
  FROM unnest($1::int[], $2::uuid[], $3::text[], $4::text[], $5::text[]) AS t (account_id, id, attempt, origin, reason)
  WHERE h.account_id = t.account_id AND h.id = t.id AND ${mayTry("h", "$6")}
  RETURNING h.id, h.account_id, h.endpoint, h.kind, t.origin, t.reason
), untold AS (
  INSERT INTO endpoint_health AS e (account_id, endpoint, origin, reason, exhausted, exhausted_ids)
  SELECT m.account_id, m.endpoint, min(m.origin), max(m.reason), count(*), (array_agg(m.id ORDER BY m.id))[1:${NAMED_IDS}]
  FROM moved m JOIN account_webhook w ON w.account_id = m.account_id
  WHERE m.kind IS DISTINCT FROM 'e' AND w.events_url IS NOT NULL
  GROUP BY m.account_id, m.endpoint ORDER BY m.account_id, m.endpoint
  ON CONFLICT (account_id, endpoint) DO UPDATE
  SET exhausted = e.exhausted + excluded.exhausted, reason = excluded.reason,
      exhausted_ids = (e.exhausted_ids || excluded.exhausted_ids)[1:${NAMED_IDS}]
)
SELECT id FROM moved`;

/**
 * Answers which are lost: what another node has taken over, of which nothing is recorded. A first try is the last only where no
 * other is configured: its webhook gets a row beforehand.
 * @param ended the bundles of which these are the last webhooks; none where there is no first try
 */
export async function recordExhausted(
  db: Database,
  partitions: Partitions,
  rows: readonly ExhaustedRow[],
  node: number,
  ended: readonly string[],
): Promise<Set<string>> {
  const lost = new Set<string>();
  const bundle = rows.filter((row) => row.bundle !== undefined);
  if (bundle.length > 0) await writeBundledWebhooks(db, bundle, node, ended);
  for (const [partition, group] of partitions.group("webhook", rows)) {
    const values = [...columns(group, NAMES), node];
    const result = await db.query<{ id: string }>({ name: `exhausted ${partition}`, text: textFor(partition), values });
    addTakenOver(lost, group, result.rows);
  }
  return lost;
}
