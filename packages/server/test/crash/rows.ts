import type pg from "pg";
import { SMPP_UNTOLD } from "../../src/message/smpp-origin.ts";
import { until } from "../support/until.ts";

/** A message as the store has it in the end. */
export interface MessageRow {
  id: string;
  destination: string;
  state: number;
  code: number | null;
  parts: number;
  batch_id: string | null;
  carrier_message_id: string | null;
  callback: boolean;
}

export interface WebhookRow {
  id: string;
  state: number;
  tries: number;
}

export interface PartRow {
  message_id: string;
  part: number;
  state: number;
  carrier_message_id: string | null;
}

/** One change of a message, as the trigger below has seen it: in the same transaction, so it is there if that is. */
export interface Change {
  id: string;
  at: Date;
  was: number;
  state: number;
  code_was: number | null;
  code: number | null;
  leased_by: number;
  carrier_message_id: string | null;
}

const KEEP_HISTORY = `
CREATE TABLE message_change (
  id uuid NOT NULL, at timestamptz NOT NULL, was smallint NOT NULL, state smallint NOT NULL, code_was smallint,
  code smallint, leased_by integer NOT NULL, carrier_message_id text
);
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO message_change VALUES (
    NEW.id, clock_timestamp(), OLD.state, NEW.state, OLD.code, NEW.code, NEW.leased_by, NEW.carrier_message_id);
  RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER UPDATE ON message FOR EACH ROW EXECUTE FUNCTION note_change()`;

/** From now on the store keeps every change of a message: the history that a final ledger is judged by. */
export async function keepHistory(pool: pg.Pool): Promise<void> {
  await pool.query(KEEP_HISTORY);
}

/** What is not final yet, and what is still owed to the receiver. */
export async function unfinished(pool: pg.Pool): Promise<{ messages: number; webhooks: number; leased: number }> {
  const { rows } = await pool.query<{ messages: number; webhooks: number; leased: number }>(`
    WITH bundled AS (
      SELECT node FROM bundled_message u WHERE NOT EXISTS (SELECT FROM message m WHERE m.id = u.id)
    ), bundle AS (
      SELECT FROM bundled_webhook u WHERE NOT EXISTS (SELECT FROM webhook h WHERE h.id = u.id)
    )
    SELECT ((SELECT count(*) FROM message WHERE state < 2) + (SELECT count(*) FROM bundled))::int AS messages,
           ((SELECT count(*) FROM webhook WHERE state = 0) + (SELECT count(*) FROM webhook_bundle))::int AS webhooks,
           ((SELECT count(*) FROM message WHERE state < 2 AND leased_by > 0)
            + (SELECT count(*) FROM bundled WHERE node > 0))::int AS leased`);
  return rows[0] as { messages: number; webhooks: number; leased: number };
}

/** Resolves when every message is final, every webhook at its end, and every receipt of a carrier acknowledged. */
export async function everythingEnds(pool: pg.Pool, carrier: { outstanding: number }): Promise<void> {
  const isOver = async () => {
    const { messages, webhooks } = await unfinished(pool);
    return messages + webhooks + carrier.outstanding === 0;
  };
  await until("everything to end", isOver, () => unfinished(pool));
}

/** All rows that the ledger is drawn from. @param since the lowest id of a message that counts */
export async function readRows(pool: pg.Pool, since = "00000000-0000-0000-0000-000000000000") {
  const all = async <Row extends pg.QueryResultRow>(text: string, values: string[] = [since]) =>
    (await pool.query<Row>(text, values)).rows;
  const messages = await all<MessageRow>(`
    SELECT m.id, m.destination::text AS destination, m.state, m.code, m.parts, m.batch_id, m.carrier_message_id,
           coalesce(m.callback, b.callback, '${SMPP_UNTOLD}') <> '${SMPP_UNTOLD}' AS callback
    FROM message m LEFT JOIN batch b ON b.id = m.batch_id WHERE m.id >= $1`);
  const counts = await all<{ id: string; total: number; delivered: number; failed: number }>(`
    SELECT b.id, b.total, coalesce(sum(c.delivered), 0)::int AS delivered, coalesce(sum(c.failed), 0)::int AS failed
    FROM batch b LEFT JOIN batch_count c ON c.batch_id = b.id WHERE b.id >= $1 GROUP BY b.id`);
  return {
    messages,
    counts,
    webhooks: await all<WebhookRow>("SELECT id, state, tries FROM webhook WHERE id >= $1"),
    parts: await all<PartRow>(
      "SELECT message_id, part, state, carrier_message_id FROM message_part WHERE message_id >= $1",
    ),
    changes: await all<Change>("SELECT * FROM message_change WHERE id >= $1 ORDER BY at"),
    late: (
      await all<{ count: number }>(
        "SELECT count(*)::int AS count FROM message WHERE id >= $1 AND events ~ E'(^|\\n)d[0-9a-z]+\\t[0-9]2\\t'",
      )
    )[0]!.count,
    parked: (await all<{ count: number }>("SELECT count(*)::int AS count FROM parked_receipt", []))[0]!.count,
  };
}

export type Rows = Awaited<ReturnType<typeof readRows>>;
