import { ACCEPTED } from "../../message/lifecycle.ts";
import { eventLine } from "../../message/story.ts";
import type { Database } from "../database.ts";
import { skipScan } from "../skip-scan.ts";
import { MADE_COUNTS } from "../stats/counts.ts";
import { type WaitingRow, waitingMessage } from "./claim-messages.ts";
import type { WaitingMessage } from "./waiting-message.ts";

/**
 * What falls due becomes messages that this node has in memory: a row each, once, whatever the number of programs.
 * At most `perAccount` of each account, so that one's 100,000 do not stand before another's one, and `most` in all,
 * evenly. The accounts are found by stepping through the index, and only when something is due: a program that holds
 * a million for later looks at one row of an index.
 */
const TEXT = `
WITH RECURSIVE ${skipScan("waiting", "pending_batch", "account_id", "true", "EXISTS (SELECT FROM pending_batch WHERE at <= now())")}, due AS (
  SELECT d.* FROM waiting w CROSS JOIN LATERAL (
    SELECT * FROM pending_batch p WHERE p.account_id = w.account_id AND p.at <= now()
    ORDER BY p.at, p.id LIMIT $2 FOR UPDATE SKIP LOCKED
  ) d
), placed AS (
  SELECT *, sum(total - released) OVER (PARTITION BY account_id ORDER BY at, id) - (total - released) AS before FROM due
), shared AS (
  SELECT *, least(total - released, $2 - before) AS share FROM placed WHERE before < $2
), counted AS (
  SELECT *, sum(share) OVER (ORDER BY before, at, id) - share AS ahead FROM shared
), taken AS (
  SELECT id, account_id, expires_at, receipt_by, given_id, total, destinations, released, channel, fallback, tlvs, coded,
         $4 || coalesce(E'\\t' || floor(extract(epoch FROM accepted_at) * 1000)::bigint, '') AS events,
         (released + least(share, $3 - ahead))::int AS upto
  FROM counted WHERE ahead < $3
), emptied AS (
  DELETE FROM pending_batch p USING taken t WHERE p.id = t.id AND t.upto >= t.total
), advanced AS (
  UPDATE pending_batch p SET released = t.upto FROM taken t WHERE p.id = t.id AND t.upto < t.total
), made AS (
  SELECT (left(t.id::text, 31) || lpad(to_hex(t.released + n), 5, '0'))::uuid AS id, t.account_id, u.destination, b.parts,
         t.expires_at, t.receipt_by, t.id AS batch_id, t.given_id, b.sender, b.body, t.channel, t.fallback, t.tlvs, t.coded,
         b.rich IS NOT NULL AS rich, t.events,
         CASE WHEN b.sender COLLATE "C" < ':' THEN b.sender END AS answerable
  FROM taken t JOIN batch b ON b.id = t.id
  CROSS JOIN LATERAL unnest(t.destinations[t.released + 1 : t.upto]) WITH ORDINALITY AS u (destination, n)
  -- The place of a handset that was erased is empty.
  WHERE u.destination IS NOT NULL
), stored AS (
  INSERT INTO message (id, account_id, destination, parts, expires_at, receipt_by, batch_id, given_id, sender, leased_by,
                       state, next_at, channel, fallback, tlvs, coded, events)
  SELECT id, account_id, destination, parts, expires_at, receipt_by, batch_id, given_id, answerable, $1, ${ACCEPTED}, now(),
         channel, fallback, tlvs, coded, events
  FROM made
), stats AS (${MADE_COUNTS}
)
SELECT id, account_id, destination::text AS destination, parts, expires_at, sender, body, channel, fallback, tlvs, coded,
       rich
FROM made ORDER BY id`;

export async function releasePending(
  db: Database,
  node: number,
  perAccount: number,
  most: number,
): Promise<WaitingMessage[]> {
  // The statement writes behind this line when the batch was accepted (`heldSince`).
  const values = [node, perAccount, most, eventLine({ kind: "released", at: Date.now() })];
  const { rows } = await db.query<WaitingRow>({ name: "release-pending", text: TEXT, values });
  return rows.map(waitingMessage);
}
