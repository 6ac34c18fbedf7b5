import { type FinalMessage, kindOf, WEBHOOK } from "../../message/webhook.ts";
import type { Database } from "../database.ts";
import type { WebhookRow } from "./list-webhooks.ts";

/** A webhook with all that is known of it. */
export interface WholeWebhook extends Omit<WebhookRow, "lastAttempt"> {
  /** Each as JSON, the oldest first. */
  attempts: string[];
  /** What a receipt tells; null for a webhook with a body of its own, and once it was erased. */
  message: FinalMessage | null;
}

/** One that has had no try, and perhaps no row, stands as its message says, and waits since that is final. */
const TEXT = `
SELECT t.id, h.kind, coalesce(h.state, ${WEBHOOK.pending}) AS state, coalesce(h.url, m.callback, b.callback) AS url,
       coalesce(h.tries, 0) AS tries, CASE WHEN h.id IS NULL THEN m.final_at ELSE h.next_at END AS "nextAt", h.body,
       coalesce(h.attempts, '{}') AS attempts,
       nullif(m.destination, 0)::text AS destination, m.state AS message_state, m.code, m.given_id AS "givenId",
       m.batch_id AS "batchId", b.given_id AS "batchGivenId"
FROM (
  SELECT id FROM webhook WHERE account_id = $1 AND id = $2
  UNION
  SELECT id FROM message
  WHERE account_id = $1 AND id = $2 AND EXISTS (SELECT FROM webhook_bundle u WHERE message.id = ANY (u.ids))
) t
LEFT JOIN webhook h ON h.account_id = $1 AND h.id = t.id
LEFT JOIN message m ON h.kind IS NULL AND m.id = t.id
LEFT JOIN batch b ON b.id = m.batch_id`;

type Row = Omit<WholeWebhook, "kind" | "message"> & {
  kind: string | null;
  destination: string | null;
  message_state: number;
  code: number;
};

/** @returns null where the account has no such webhook */
export async function findWebhook(db: Database, accountId: number, id: string): Promise<WholeWebhook | null> {
  const { rows } = await db.query<Row>({ name: "find-webhook", text: TEXT, values: [accountId, id] });
  const [row] = rows;
  if (row === undefined) return null;
  const { kind, destination, message_state: state, code, ...rest } = row;
  const { givenId, batchId, batchGivenId } = rest;
  const message = destination === null ? null : { destination, state, code, givenId, batchId, batchGivenId };
  return { ...rest, kind: kindOf(kind), message };
}
