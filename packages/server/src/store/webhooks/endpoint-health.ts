import type { Endpoint } from "../../message/endpoint.ts";
import { columns, type Database } from "../database.ts";

/** An endpoint has begun to fail, or works again. */
export interface HealthChange {
  accountId: number;
  endpoint: number;
  origin: string;
  failing: boolean;
  /** Why it fails, for its account to read. */
  reason: string | null;
}

const NAMES = [
  "accountId",
  "endpoint",
  "origin",
  "failing",
  "reason",
] as const satisfies readonly (keyof HealthChange)[];

/** Only for accounts that want to be told. Each endpoint once in `changes`. */
const RECORD = `
INSERT INTO endpoint_health AS e (account_id, endpoint, origin, failing, reason)
SELECT t.account_id, t.endpoint, t.origin, t.failing, t.reason
FROM unnest($1::int[], $2::int[], $3::text[], $4::boolean[], $5::text[])
  AS t (account_id, endpoint, origin, failing, reason)
JOIN account_webhook w ON w.account_id = t.account_id
WHERE w.events_url IS NOT NULL
ORDER BY t.account_id, t.endpoint
ON CONFLICT (account_id, endpoint) DO UPDATE
SET failing = excluded.failing, reason = excluded.reason, changed_at = now()
WHERE e.failing <> excluded.failing`;

export async function recordHealth(db: Database, changes: readonly HealthChange[]): Promise<void> {
  await db.query({ name: "record-health", text: RECORD, values: columns(changes, NAMES) });
}

/** Endpoints that fail, as far as accounts that want to be told are concerned. */
export async function failingEndpoints(db: Database): Promise<Endpoint[]> {
  const { rows } = await db.query<Endpoint>({
    name: "failing-endpoints",
    text: 'SELECT account_id AS "accountId", endpoint FROM endpoint_health WHERE failing',
    values: [],
  });
  return rows;
}

/** What is to be told of an endpoint now, and to whom. */
export interface Untold {
  accountId: number;
  /** As its owner knows it. */
  account: string;
  endpoint: number;
  origin: string;
  eventsUrl: string;
  eventsEndpoint: number;
  /** Whether to tell that it fails, or works again; `failing` says which. */
  changed: boolean;
  failing: boolean;
  changedAt: Date;
  reason: string | null;
  /** Webhooks exhausted since that was told last; 0 where it is not to be told now. */
  exhausted: number;
  exhaustedIds: string[];
}

/** That an endpoint works again is told only after it was told that it fails: that bounds it, too. */
const DUE = `
SELECT e.account_id AS "accountId", a.identifier AS account, e.endpoint, e.origin, w.events_url AS "eventsUrl",
       w.events_endpoint AS "eventsEndpoint", due.changed, e.failing, e.changed_at AS "changedAt", e.reason,
       CASE WHEN due.exhausted THEN e.exhausted ELSE 0 END AS exhausted, e.exhausted_ids AS "exhaustedIds"
FROM endpoint_health e
JOIN account_webhook w ON w.account_id = e.account_id
JOIN account a ON a.id = e.account_id
CROSS JOIN LATERAL (
  SELECT e.told_failing AND NOT e.failing
           OR e.failing AND NOT e.told_failing AND e.failing_told_at < now() - $1 * interval '1 millisecond' AS changed,
         e.exhausted > 0 AND e.exhausted_told_at < now() - $1 * interval '1 millisecond' AS exhausted
) due
WHERE (e.failing <> e.told_failing OR e.exhausted > 0) AND (due.changed OR due.exhausted) AND w.events_url IS NOT NULL
ORDER BY e.account_id, e.endpoint LIMIT $2
FOR UPDATE OF e SKIP LOCKED`;

/**
 * What is due to be told, locked against other programs until the transaction ends.
 * @param intervalMs from one event of a type to the next of the same endpoint, at least
 */
export async function dueToTell(db: Database, intervalMs: number, limit: number): Promise<Untold[]> {
  const { rows } = await db.query<Untold>({ name: "due-to-tell", text: DUE, values: [intervalMs, limit] });
  return rows;
}

const TOLD = `
UPDATE endpoint_health e
SET told_failing = CASE WHEN t.changed THEN e.failing ELSE e.told_failing END,
    failing_told_at = CASE WHEN t.changed AND e.failing THEN now() ELSE e.failing_told_at END,
    exhausted = CASE WHEN t.exhausted > 0 THEN 0 ELSE e.exhausted END,
    exhausted_ids = CASE WHEN t.exhausted > 0 THEN '{}' ELSE e.exhausted_ids END,
    exhausted_told_at = CASE WHEN t.exhausted > 0 THEN now() ELSE e.exhausted_told_at END
FROM unnest($1::int[], $2::int[], $3::boolean[], $4::int[]) AS t (account_id, endpoint, changed, exhausted)
WHERE e.account_id = t.account_id AND e.endpoint = t.endpoint`;

/** Notes that these were told; in the transaction that read them. */
export async function markTold(db: Database, rows: readonly Untold[]): Promise<void> {
  await db.query({
    name: "mark-told",
    text: TOLD,
    values: columns(rows, ["accountId", "endpoint", "changed", "exhausted"]),
  });
}

const FORGET = `
DELETE FROM endpoint_health
WHERE NOT failing AND NOT told_failing AND exhausted = 0
  AND greatest(failing_told_at, exhausted_told_at) < now() - interval '1 day'`;

/** Forgets endpoints that have done well for a day. */
export async function forgetHealthy(db: Database): Promise<void> {
  await db.query({ text: FORGET, values: [] });
}
