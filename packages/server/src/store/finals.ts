/**
 * The tail that every statement which makes messages final shares: from the rows of `moved` it adds to the sums of
 * their batches and inserts the webhooks, in the same statement, so that no crash comes between a final state and its
 * webhook. `moved` has the columns of MOVED; what is final and what is not of its rows comes out of `owed`.
 *
 * Parameters: `worker` the sums' worker; `leaser` the worker that the webhooks are handed to (0: none); `full` the
 * endpoints that have no room in its memory.
 */
export function finalsTail(worker: string, leaser: string, full: string): string {
  return `${counted(worker)}, owed AS (
  SELECT m.id, m.account_id, m.batch_id, m.given_id, m.destination::text AS destination, m.state, m.code,
         m.carrier, m.carrier_message_id, b.given_id AS batch_given_id,
         coalesce(m.callback, b.callback) AS url, coalesce(m.endpoint, b.endpoint) AS endpoint
  FROM moved m LEFT JOIN batch b ON m.state >= 2 AND b.id = m.batch_id
), ${notified(leaser, full)}`;
}

/** The same where it is known that no message of `moved` is one of a batch of many: 50 µs less a flush. */
export function singleFinalsTail(leaser: string, full: string): string {
  return `
owed AS (
  SELECT id, account_id, state, callback AS url, endpoint FROM moved
), ${notified(leaser, full)}`;
}

const counted = (worker: string): string => `
counted AS (
  INSERT INTO batch_count AS c (batch_id, worker, delivered, failed)
  SELECT batch_id, ${worker}::int, count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state = 3)
  FROM moved WHERE batch_id IS NOT NULL AND state >= 2 GROUP BY batch_id ORDER BY batch_id
  ON CONFLICT (batch_id, worker) DO UPDATE
  SET delivered = c.delivered + excluded.delivered, failed = c.failed + excluded.failed
)`;

const notified = (leaser: string, full: string): string => `
notified AS (
  INSERT INTO webhook (id, account_id, url, endpoint, next_at, leased_by)
  SELECT id, account_id, url, endpoint, now(),
         CASE WHEN endpoint = ANY (${full}::int[]) THEN 0 ELSE ${leaser}::int END
  FROM owed WHERE state >= 2 AND url IS NOT NULL
)`;

/** What `moved` returns of each message. */
export const MOVED = `m.id, m.account_id, m.batch_id, m.given_id, m.destination, m.endpoint, m.callback, m.state, m.code,
            m.carrier, m.carrier_message_id`;

/** A message that a flush has made final, with what its webhook says. `url` is null where nobody is to be told. */
export interface FinalRow {
  id: string;
  account_id: number;
  batch_id: string | null;
  given_id: string | null;
  batch_given_id: string | null;
  destination: string;
  state: number;
  code: number;
  carrier: number;
  carrier_message_id: string;
  url: string | null;
  endpoint: number | null;
}

/** Who is to have the webhooks of a flush in hand. */
export interface WebhookLease {
  /** The worker whose memory takes them; 0 leaves them to whoever claims them. */
  worker: number;
  /** Endpoints that its memory has no room for. */
  full: readonly number[];
}
