import type { Endpoint } from "../../message/endpoint.ts";
import { FAILING, PROBED } from "../../message/endpoint-state.ts";
import { columns, type Database } from "../database.ts";
import { NOT_DUE, WAITS } from "./leased-by.ts";

/** How an endpoint does; times in epoch milliseconds. */
export interface EndpointState extends Endpoint {
  origin: string;
  /** By `ENDPOINT_STATES`. */
  state: number;
  since: number;
  /** Until when nothing is sent to it; null where it is sent what there is. */
  nextProbeAt: number | null;
  lastAt: number;
  lastStatus: number | null;
  lastFault: string | null;
}

const NAMES = [
  ...["accountId", "endpoint", "origin", "state", "since"],
  ...["nextProbeAt", "lastAt", "lastStatus", "lastFault"],
] as (keyof EndpointState)[];

/** In the order of the key, so that two programs do not wait for each other. */
const RECORD = `
INSERT INTO endpoint_state AS e
  (account_id, endpoint, origin, state, since, next_probe_at, last_at, last_status, last_fault)
SELECT account_id, endpoint, origin, state, to_timestamp(since / 1000), to_timestamp(next_probe_at / 1000),
       to_timestamp(last_at / 1000), last_status, last_fault
FROM unnest($1::int[], $2::int[], $3::text[], $4::smallint[], $5::float8[], $6::float8[], $7::float8[], $8::smallint[],
            $9::text[])
  AS t (account_id, endpoint, origin, state, since, next_probe_at, last_at, last_status, last_fault)
ORDER BY account_id, endpoint
ON CONFLICT (account_id, endpoint) DO UPDATE
SET state = excluded.state, since = CASE WHEN e.state = excluded.state THEN e.since ELSE excluded.since END,
    next_probe_at = excluded.next_probe_at, last_at = excluded.last_at, last_status = excluded.last_status,
    last_fault = excluded.last_fault
WHERE excluded.last_at >= e.last_at`;

/** @param states each endpoint once */
export async function recordEndpointStates(db: Database, states: readonly EndpointState[]): Promise<void> {
  await db.query({ name: "record-endpoint-states", text: RECORD, values: columns(states, NAMES) });
}

/** Forgets endpoints that nothing was sent to for a month. */
export async function forgetEndpointStates(db: Database): Promise<void> {
  await db.query({ text: "DELETE FROM endpoint_state WHERE last_at < now() - interval '30 days'" });
}

/** Why a webhook is held back. */
export interface Hold {
  endpoint: number;
  state: number;
  since: Date;
  nextProbeAt: Date;
}

/**
 * A probe is made within 30 s of the one before, and takes as long as a try may: whose next one should have come long ago
 * is probed by nobody any more, since the program that did so has stopped.
 */
const HELD = `
SELECT endpoint, state, since, greatest(next_probe_at, now()) AS "nextProbeAt" FROM endpoint_state
WHERE account_id = $1 AND endpoint = ANY ($2::int[])
  AND (state = ${PROBED} AND next_probe_at > now() - interval '2 minutes' OR state = ${FAILING} AND next_probe_at > now())`;

/** Which of an account's endpoints have what is due held back. */
export async function findHolds(db: Database, accountId: number, endpoints: readonly number[]): Promise<Hold[]> {
  if (endpoints.length === 0) return [];
  const { rows } = await db.query<Hold>({ name: "find-holds", text: HELD, values: [accountId, endpoints] });
  return rows;
}

export interface EndpointRow extends Endpoint {
  origin: string;
  account: string;
  state: number;
  since: Date;
  nextProbeAt: Date | null;
  lastAt: Date;
  lastStatus: number | null;
  lastFault: string | null;
  /** Webhooks that wait for a try: for its time, for their turn, or for a probe; `MOST_WAITING` of more. */
  waiting: number;
}

/** Where a page begins: behind this endpoint. */
export interface EndpointCursor extends Endpoint {
  state: number;
}

/** Before all endpoints: one more than the highest state. */
export const FIRST_ENDPOINTS: EndpointCursor = { state: PROBED + 1, accountId: 0, endpoint: 0 };

/** Webhooks of one endpoint that are counted: a page of endpoints may have millions. */
export const MOST_WAITING = 10_000;

/**
 * Webhooks without a row are counted for a whole page at once: they are in bundles that no index reads by endpoint, and there
 * are only as many as nodes have in memory.
 */
const LIST = `
WITH page AS MATERIALIZED (
  SELECT e.* FROM endpoint_state e JOIN account a ON a.id = e.account_id
  WHERE ($1::int IS NULL OR e.account_id = $1) AND ($2::int IS NULL OR a.organization_id = $2)
    AND (-e.state, e.account_id, e.endpoint) > (-$3::int, $4::int, $5::int)
  ORDER BY -e.state, e.account_id, e.endpoint LIMIT $6
), bundled AS MATERIALIZED (
  SELECT u.account_id, coalesce(m.endpoint, b.endpoint) AS endpoint, count(*) AS waiting
  FROM bundled_webhook u JOIN message m ON m.id = u.id LEFT JOIN batch b ON b.id = m.batch_id
  WHERE u.account_id IN (SELECT account_id FROM page)
    AND NOT EXISTS (SELECT FROM webhook h WHERE h.account_id = u.account_id AND h.id = u.id)
  GROUP BY 1, 2
)
SELECT e.account_id AS "accountId", e.endpoint, e.origin, a.identifier AS account, e.state, e.since,
       CASE WHEN e.next_probe_at IS NOT NULL AND (e.state = ${PROBED} OR e.next_probe_at > now())
            THEN greatest(e.next_probe_at, now()) END AS "nextProbeAt",
       e.last_at AS "lastAt", e.last_status AS "lastStatus", e.last_fault AS "lastFault",
       least(w.waiting + coalesce(u.waiting, 0), ${MOST_WAITING})::int AS waiting
FROM page e
JOIN account a ON a.id = e.account_id
CROSS JOIN LATERAL (
  SELECT count(*) AS waiting FROM (
    SELECT FROM webhook h
    WHERE h.leased_by = ANY (ARRAY[${WAITS}, ${NOT_DUE}] || ARRAY(SELECT id FROM node))
      AND h.account_id = e.account_id AND h.endpoint = e.endpoint AND h.next_at IS NOT NULL
    LIMIT ${MOST_WAITING}
  ) counted
) w
LEFT JOIN bundled u ON u.account_id = e.account_id AND u.endpoint = e.endpoint
ORDER BY -e.state, e.account_id, e.endpoint`;

/**
 * A page of endpoints, those that fail first.
 * @param of one account's, one organization's, or all where both are null
 */
export async function listEndpoints(
  db: Database,
  of: { accountId: number | null; organizationId: number | null },
  after: EndpointCursor,
  limit: number,
): Promise<EndpointRow[]> {
  const values = [of.accountId, of.organizationId, after.state, after.accountId, after.endpoint, limit];
  return (await db.query<EndpointRow>({ name: "list-endpoints", text: LIST, values })).rows;
}
