import type { Endpoint } from "../../message/endpoint.ts";
import { isSmppUrl } from "../../message/smpp-origin.ts";
import { type FinalMessage, KIND_LETTERS, kindOf, mayTry, type WebhookKind } from "../../message/webhook.ts";
import { type BundleRef, ending, type Member } from "../bundle.ts";
import { columns, type Database } from "../database.ts";
import { skipScan } from "../skip-scan.ts";
import { NOT_DUE, WAITS } from "./leased-by.ts";
import { type BundledWebhook, writeBundledWebhooks } from "./webhook-bundles.ts";

/** A webhook in memory to be delivered. `message` is null for one that has a body of its own. */
export interface WaitingWebhook {
  id: string;
  accountId: number;
  kind: WebhookKind;
  url: string;
  endpoint: number;
  /** Since it was made or last replayed. */
  tries: number;
  /**
   * It was tried before, be it before a replay, and so others may go before it. Never over SMPP, where receipts keep their
   * place: they come in the order in which their messages ended.
   */
  retry: boolean;
  /** What stands in for its row until its first try is recorded; undefined where it has one. */
  bundle: BundleRef | undefined;
  body: string | null;
  message: FinalMessage | null;
}

/** How many of an endpoint's webhooks a node has room for. */
export interface Room extends Endpoint {
  room: number;
}

/** Comes before every endpoint. */
export const BEFORE_ALL: Endpoint = { accountId: 0, endpoint: 0 };

/** `SKIP LOCKED`, as claims do, for several programs may do this. */
const RIPEN = `
UPDATE webhook h SET leased_by = ${WAITS}
FROM (
  SELECT account_id, id FROM webhook WHERE leased_by = ${NOT_DUE} AND next_at <= now()
  ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED
) r
WHERE h.account_id = r.account_id AND h.id = r.id AND h.leased_by + 0 = ${NOT_DUE}`;

/** Has what has come to its time claimed from now on. Answers whether there may be more than `most`. */
export async function ripenWebhooks(db: Database, most: number): Promise<boolean> {
  const { rowCount } = await db.query({ name: "ripen-webhooks", text: RIPEN, values: [most] });
  return rowCount === most;
}

/**
 * What is due and nobody has in memory, endpoint by endpoint as `claimMessages` does account by account: 100,000 webhooks
 * for a dead endpoint do not stand before another's. Of each as many as the node has room for. Endpoints that have
 * nothing but what is not due cost nothing. The message is that of a receipt, or of a notification, whose body names it.
 */
const TEXT = `
WITH RECURSIVE ${skipScan("waiting", "webhook", "account_id, endpoint", "leased_by = 0 AND next_at IS NOT NULL", "(account_id, endpoint) > ($7::int, $8::int)")}, due AS (
  SELECT d.account_id, d.id FROM waiting w CROSS JOIN LATERAL (
    SELECT h.account_id, h.id FROM webhook h
    WHERE h.leased_by = 0 AND h.account_id = w.account_id AND h.endpoint = w.endpoint AND h.next_at <= now()
    ORDER BY h.next_at
    LIMIT coalesce((SELECT room FROM unnest($4::int[], $5::int[], $6::int[]) AS r (account_id, endpoint, room)
                    WHERE r.account_id = w.account_id AND r.endpoint = w.endpoint), $2)
    FOR UPDATE SKIP LOCKED
  ) d
  LIMIT $3
), claimed AS (
  UPDATE webhook h SET leased_by = $1 FROM due d WHERE h.account_id = d.account_id AND h.id = d.id AND h.leased_by + 0 = 0
  RETURNING h.id, h.account_id, h.kind, h.url, h.endpoint, h.tries, h.attempts IS NOT NULL AS retry, h.body
)
SELECT c.id, c.account_id, c.kind, c.url, c.endpoint, c.tries, c.retry, c.body,
       nullif(m.destination, 0)::text AS destination, m.state, m.code, m.given_id, m.batch_id,
       b.given_id AS batch_given_id,
       extract(epoch FROM m.final_at)::float8 * 1000 AS final_at
FROM claimed c
LEFT JOIN message m
  ON m.id = CASE WHEN c.kind = '${KIND_LETTERS.intermediate}' THEN c.body::uuid WHEN c.body IS NULL THEN c.id END
LEFT JOIN batch b ON b.id = m.batch_id`;

interface Row {
  id: string;
  account_id: number;
  kind: string | null;
  url: string;
  endpoint: number;
  tries: number;
  retry: boolean;
  body: string | null;
  destination: string | null;
  state: number;
  code: number;
  given_id: string | null;
  batch_id: string | null;
  batch_given_id: string | null;
  final_at: number | null;
}

/**
 * @param perEndpoint webhooks of an endpoint that is not in `rooms`
 * @param after looks at the endpoints that come after this one, by account and number
 */
export async function claimWebhooks(
  db: Database,
  node: number,
  perEndpoint: number,
  most: number,
  rooms: readonly Room[],
  after: Endpoint,
): Promise<WaitingWebhook[]> {
  const full = columns(rooms, ["accountId", "endpoint", "room"]);
  const values = [node, perEndpoint, most, ...full, after.accountId, after.endpoint];
  const { rows } = await db.query<Row>({ name: "claim-webhooks", text: TEXT, values });
  return rows.map(waitingWebhook);
}

/** Field by field: with a rest pattern it costs 3 µs a row. */
function waitingWebhook(row: Row): WaitingWebhook {
  const { destination, state, code, given_id: givenId, batch_id: batchId, batch_given_id: batchGivenId } = row;
  return {
    id: row.id,
    accountId: row.account_id,
    kind: kindOf(row.kind),
    url: row.url,
    endpoint: row.endpoint,
    tries: row.tries,
    retry: row.retry && !isSmppUrl(row.url),
    bundle: undefined,
    body: row.body,
    message:
      destination === null
        ? null
        : { destination, state, code, givenId, batchId, batchGivenId, finalAt: row.final_at ?? 0 },
  };
}

const RELEASE = `
UPDATE webhook h SET leased_by = 0
FROM unnest($1::int[], $2::uuid[]) AS t (account_id, id)
WHERE h.account_id = t.account_id AND h.id = t.id AND ${mayTry("h", "$3")}`;

/** Frees what is leased to a node, for anybody to claim. */
export async function freeWebhooks(
  db: Database,
  hooks: readonly { accountId: number; id: string }[],
  node: number,
): Promise<void> {
  const values = [hooks.map((hook) => hook.accountId), hooks.map((hook) => hook.id), node];
  await db.query({ name: "release-webhooks", text: RELEASE, values });
}

/** Puts webhooks in memory back without a try, for anybody to claim. Those that have no row yet get one. */
export async function releaseWebhooks(
  db: Database,
  hooks: readonly (BundledWebhook & Member)[],
  node: number,
): Promise<void> {
  const bundled = hooks.filter(({ bundle }) => bundle !== undefined);
  const others = hooks.filter(({ bundle }) => bundle === undefined);
  if (bundled.length > 0) {
    await ending(bundled, (ended) => writeBundledWebhooks(db, bundled, 0, ended));
  }
  if (others.length > 0) await freeWebhooks(db, others, node);
}

/**
 * In the order in which their messages ended; what is of no message's end, by its first try. Only what is not due, so that a
 * bind rewrites no row twice.
 */
const HASTEN = `
UPDATE webhook h SET leased_by = ${WAITS},
  next_at = least(next_at, now(), coalesce((SELECT m.final_at FROM message m WHERE m.id = h.id),
                                           substring(attempts[1] FROM '"at":"([^"]*)"')::timestamptz))
WHERE account_id = $1 AND endpoint = $2 AND next_at IS NOT NULL AND leased_by = ${NOT_DUE}`;

/** Has all that waits for an endpoint tried as soon as there is room. */
export async function hastenWebhooks(db: Database, { accountId, endpoint }: Endpoint): Promise<void> {
  await db.query({ name: "hasten-webhooks", text: HASTEN, values: [accountId, endpoint] });
}
