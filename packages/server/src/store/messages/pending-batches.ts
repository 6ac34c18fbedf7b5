import type { ChannelPlan } from "../../message/channel.ts";
import type { CodedContent } from "../../message/coded-content.ts";
import { columns, type Database } from "../database.ts";
import type { NewBatch } from "./insert-batches.ts";
import { storedChannel, storedContent } from "./insert-messages.ts";

/** A batch that is held for its time. Its texts stand in its batch row. */
export interface NewPendingBatch {
  id: string;
  accountId: number;
  /** Epoch milliseconds, as the following. */
  at: number;
  expiresAt: number;
  /** Null where its messages have the usual validity. */
  receiptBy: number | null;
  total: number;
  /** The credits that are held for it. */
  cost: number;
  /** Of its message, where it is the batch of one. */
  givenId: string | null;
  /** Digits of E.164 numbers, in order. */
  destinations: readonly string[];
  /** Not there where its messages go as usual. */
  plan?: ChannelPlan;
  /** Optional parameters of their submits, as JSON. */
  tlvs: string | null;
  /** Not there where its messages are texts. */
  coded?: CodedContent;
  batch: NewBatch;
}

const NAMES = [
  "id",
  "accountId",
  "at",
  "expiresAt",
  "receiptBy",
  "total",
  "cost",
  "givenId",
  "tlvs",
] as const satisfies readonly (keyof NewPendingBatch)[];

/** An array of arrays must be even: each batch's destinations come as one text. */
const INSERT = `
INSERT INTO pending_batch (id, account_id, at, expires_at, receipt_by, total, cost, given_id, destinations, channel,
                           fallback, tlvs, coded)
SELECT id, account_id, to_timestamp(at / 1000), to_timestamp(expires_at / 1000), to_timestamp(receipt_by / 1000), total,
       cost, given_id, destinations::bigint[], channel, fallback, tlvs, coded
FROM unnest($1::uuid[], $2::int[], $3::float8[], $4::float8[], $5::float8[], $6::int[], $7::int[], $8::uuid[], $9::text[],
            $10::text[], $11::text[], $12::text[], $13::json[])
  AS t (id, account_id, at, expires_at, receipt_by, total, cost, given_id, tlvs, destinations, channel, fallback, coded)`;

export async function insertPendingBatches(db: Database, rows: readonly NewPendingBatch[]): Promise<void> {
  const destinations = rows.map((row) => `{${row.destinations.join(",")}}`);
  const channels = rows.map(({ plan }) => storedChannel(plan?.channel));
  const fallbacks = rows.map(({ plan }) => plan?.fallback ?? null);
  const contents = rows.map(({ coded }) => storedContent(coded));
  const values = [...columns(rows, NAMES), destinations, channels, fallbacks, contents];
  await db.query({ name: "insert-pending-batches", text: INSERT, values });
}

/** A place among an account's pending batches: soonest first, then by id. */
export interface PendingPlace {
  /** Epoch milliseconds. */
  at: number;
  id: string;
}

export interface PendingBatch extends PendingPlace {
  visibleId: string;
  sender: string;
  total: number;
  parts: number;
}

const LIST = `
SELECT p.id, extract(epoch FROM p.at)::float8 * 1000 AS at, coalesce(b.given_id, b.id) AS "visibleId", b.sender, b.total,
       b.parts
FROM pending_batch p JOIN batch b ON b.id = p.id
WHERE p.account_id = $1 AND p.released = 0 AND (p.at, p.id) > (coalesce(to_timestamp($2::float8 / 1000), '-infinity'), $3::uuid)
ORDER BY p.at, p.id LIMIT $4`;

/** An account's batches that are held, from behind `after`. */
export async function listPendingBatches(
  db: Database,
  accountId: number,
  after: PendingPlace | null,
  limit: number,
): Promise<PendingBatch[]> {
  const { rows } = await db.query<PendingBatch>({
    name: "list-pending-batches",
    text: LIST,
    values: [accountId, after?.at ?? null, after?.id ?? "00000000-0000-0000-0000-000000000000", limit],
  });
  return rows.map((row) => ({ ...row, at: Math.round(row.at) }));
}

/** A batch that was held and is no more. */
export interface CancelledBatch {
  /** As its account knows it. */
  visibleId: string;
  cost: number;
}

/** With its batch row, so that it is unknown from then on; its identifiers stay used, those that we made too. */
const cancel = (which: string) => `
WITH gone AS (
  DELETE FROM pending_batch WHERE account_id = $1 AND released = 0 ${which} RETURNING id, cost
), forgotten AS (
  DELETE FROM batch b USING gone WHERE b.id = gone.id RETURNING b.id, b.given_id
), used AS (
  INSERT INTO given_id (account_id, kind, given, id) SELECT $1, 'b', id, id FROM forgotten ON CONFLICT DO NOTHING
)
SELECT coalesce(f.given_id, f.id) AS "visibleId", g.cost FROM gone g JOIN forgotten f ON f.id = g.id`;

/** Takes a batch out before its time, unless it is being sent. Waits for whoever just releases it. */
export async function cancelPendingBatch(db: Database, accountId: number, id: string): Promise<CancelledBatch | null> {
  const { rows } = await db.query<CancelledBatch>({ text: cancel("AND id = $2"), values: [accountId, id] });
  return rows[0] ?? null;
}

/** Takes out all that an account has pending. */
export async function cancelPendingBatches(db: Database, accountId: number): Promise<CancelledBatch[]> {
  const { rows } = await db.query<CancelledBatch>({ text: cancel(""), values: [accountId] });
  return rows;
}
