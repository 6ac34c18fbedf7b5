import { lastOf } from "../../message/id.ts";
import { isFinalSql } from "../../message/lifecycle.ts";
import { SMPP_UNTOLD } from "../../message/smpp-origin.ts";
import { WEBHOOK } from "../../message/webhook.ts";
import { type Connections, columns, type Database, transaction } from "../database.ts";

/** A message, or a message from a handset, that is to be erased. */
export interface ErasureTarget {
  accountId: number;
  id: string;
}

const NAMES = ["accountId", "id"] as const satisfies readonly (keyof ErasureTarget)[];
const TARGETS = "unnest($1::int[], $2::uuid[]) AS t (account_id, id)";

/**
 * Of an erased webhook stay its times, its states and whom it went to: the URL's path may name a customer, and what stands
 * behind a `smpp:` URL's system_id the sender; the answers may repeat what they got. Nobody has it in memory ever again (leased_by -1), so that it is neither claimed nor replayed.
 * (The pattern is a JSON string; it may hold \\u0000, which jsonb would refuse.)
 */
const ERASED_WEBHOOKS = `
hooks AS (
  UPDATE webhook h
  SET leased_by = -1, body = NULL,
      url = coalesce(substring(h.url FROM '^[^:]*://[^/?#]*') || '/', split_part(h.url, '?', 1)),
      attempts = ARRAY(
        SELECT regexp_replace(attempt, '"answer":"(\\\\.|[^"\\\\])*"', '"answer":null')
        FROM unnest(h.attempts) WITH ORDINALITY AS a (attempt, place) ORDER BY place)
  FROM ready r
  WHERE r.told AND h.account_id = r.account_id AND h.id = r.id AND h.state <> ${WEBHOOK.pending} AND h.leased_by = 0
  RETURNING h.id
)`;

/** Of a callback stays whether the message came over SMPP. */
const CAME_OVER = `CASE WHEN starts_with(callback, '${SMPP_UNTOLD}') THEN '${SMPP_UNTOLD}' END`;

/**
 * What is final and whose webhook is, or that has none. A webhook that is replayed at this moment keeps its message, and
 * so does one that had no try yet: its row, and what it says, follow from the message. (IS TRUE keeps the IN a look into
 * a hash table.)
 */
const MESSAGES = `
WITH ready AS (
  SELECT m.id, m.account_id, h.id IS NOT NULL AS told
  FROM ${TARGETS}
  JOIN message m ON m.id = t.id AND m.account_id = t.account_id
  LEFT JOIN webhook h ON h.account_id = t.account_id AND h.id = t.id
  WHERE ${isFinalSql("m.state")} AND m.destination <> 0
    AND (h.state <> ${WEBHOOK.pending} OR h.id IS NULL AND NOT (t.id IN (SELECT u.id FROM bundled_webhook u)) IS TRUE)
), ${ERASED_WEBHOOKS}
UPDATE message m SET destination = 0, body = NULL, callback = ${CAME_OVER}, tlvs = NULL, coded = NULL, rich = NULL, events = NULL
FROM ready r
WHERE m.id = r.id AND (NOT r.told OR (r.id IN (SELECT id FROM hooks)) IS TRUE)
RETURNING m.batch_id AS "batchId"`;

const INBOUND = `
WITH ready AS (
  SELECT i.id, i.account_id, h.id IS NOT NULL AS told
  FROM ${TARGETS}
  JOIN inbound i ON i.account_id = t.account_id AND i.id = t.id
  LEFT JOIN webhook h ON h.account_id = t.account_id AND h.id = t.id
  WHERE h.id IS NULL OR h.state <> ${WEBHOOK.pending}
), ${ERASED_WEBHOOKS}
DELETE FROM inbound i USING ready r
WHERE i.account_id = r.account_id AND i.id = r.id AND (NOT r.told OR (r.id IN (SELECT id FROM hooks)) IS TRUE)`;

/** The text of a batch goes with the last address that it was sent to. */
const BATCHES = `
UPDATE batch b SET body = '', rich = NULL, callback = ${CAME_OVER}
FROM unnest($1::uuid[], $2::uuid[]) AS t (id, last)
WHERE b.id = t.id AND b.body <> ''
  AND NOT EXISTS (SELECT FROM message m WHERE m.id > t.id AND m.id <= t.last AND m.destination <> 0)
  AND NOT EXISTS (SELECT FROM message_bundle l WHERE l.id > t.id AND l.id <= t.last)
  AND NOT EXISTS (SELECT FROM pending_batch p WHERE p.id = t.id)`;

const DONE = `
DELETE FROM pending_erasure p USING ${TARGETS}
WHERE p.account_id = t.account_id AND p.id = t.id
  AND NOT EXISTS (SELECT FROM message m WHERE m.id = t.id AND m.destination <> 0)
  AND NOT EXISTS (SELECT FROM message_bundle l WHERE t.id = ANY (l.ids) AND NOT EXISTS (SELECT FROM message m WHERE m.id = t.id))
  AND NOT EXISTS (SELECT FROM inbound i WHERE i.account_id = t.account_id AND i.id = t.id)`;

export interface Erased {
  messages: number;
  inbound: number;
}

/** Erases what is final of these, and what is not stays marked (`markForErasure`). Counts and codes stay. */
export async function eraseFinal(pool: Connections, targets: readonly ErasureTarget[]): Promise<Erased> {
  if (targets.length === 0) return { messages: 0, inbound: 0 };
  const values = columns(targets, NAMES);
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{ batchId: string | null }>({
      name: "erase-messages",
      text: MESSAGES,
      values,
    });
    const { rowCount: inbound } = await client.query({ name: "erase-inbound", text: INBOUND, values });
    const batches = [...new Set(rows.flatMap(({ batchId }) => batchId ?? []))];
    if (batches.length > 0) await client.query({ text: BATCHES, values: [batches, batches.map(lastOf)] });
    await client.query({ name: "erasures-done", text: DONE, values });
    return { messages: rows.length, inbound: inbound ?? 0 };
  });
}

/** From now on they are erased as soon as they are final (`erasePending`), whatever becomes of this program. */
export async function markForErasure(db: Database, targets: readonly ErasureTarget[]): Promise<void> {
  if (targets.length === 0) return;
  await db.query({
    name: "mark-for-erasure",
    text: `INSERT INTO pending_erasure (account_id, id) SELECT account_id, id FROM ${TARGETS} ORDER BY account_id, id
           ON CONFLICT DO NOTHING`,
    values: columns(targets, NAMES),
  });
}

/** Each is looked at a second after it was marked, and then at ever longer intervals, as parked receipts are. */
const DUE = `
UPDATE pending_erasure SET next_at = now() + greatest(interval '1 second', (now() - asked_at) / 8)
WHERE (account_id, id) IN (
  SELECT account_id, id FROM pending_erasure WHERE next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING account_id AS "accountId", id`;

/** Erases what was marked and has become final; answers whether there may be more. */
export async function erasePending(pool: Connections, limit: number): Promise<boolean> {
  const { rows } = await pool.query<ErasureTarget>({ name: "due-erasures", text: DUE, values: [limit] });
  await eraseFinal(pool, rows);
  return rows.length === limit;
}
