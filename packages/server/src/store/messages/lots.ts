import { firstIdAt } from "../../message/id.ts";
import { ACCEPTED } from "../../message/lifecycle.ts";
import type { Database } from "../database.ts";
import type { NewMessage } from "./insert-messages.ts";
import { type LotBatch, lotContent, lotMessages } from "./lot-content.ts";
import { type OpenRow, spilling } from "./open-rows.ts";
import { readingLots } from "./unreadable-lots.ts";
import type { WaitingMessage } from "./waiting-message.ts";

/** Of `lot_message m`: lots of single messages, which are in hand always. */
export const IN_HAND = "m.worker > 0 AND m.lot_account = 0";

/** Messages that are stored as one row until each has one of its own (migrations/0007_lots.sql). */
export interface Lot {
  /** The worker that it is handed to in memory; 0 leaves it for whoever claims it. */
  worker: number;
  /** 0 where several accounts' messages are in it; such a lot is never left to be claimed. */
  accountId: number;
  messages: readonly NewMessage[];
}

const COLUMNS = "id, worker, account_id, expires_at, ids, messages";
const VALUES = "$1::uuid, $2::int, $3::int, to_timestamp($4::float8 / 1000), $5::uuid[], $6::text";

export interface LotRow {
  id: string;
  count: number;
  expiresAt: number;
  /** An array as PostgreSQL reads it. */
  ids: string;
  text: string;
}

/** A lot's id is that of its first message. */
export function lotRow(messages: readonly NewMessage[]): LotRow {
  let expiresAt = Number.POSITIVE_INFINITY;
  let ids = "";
  for (const message of messages) {
    ids += ids === "" ? message.id : `,${message.id}`;
    if (message.expiresAt < expiresAt) expiresAt = message.expiresAt;
  }
  const text = lotContent(messages);
  return { id: (messages[0] as NewMessage).id, count: messages.length, expiresAt, ids: `{${ids}}`, text };
}

export function lotText({ id, count, text }: LotRow, batch: LotBatch | null): LotText {
  return { id, count, text, batch };
}

function valuesOf({ worker, accountId }: Lot, { id, expiresAt, ids, text }: LotRow): unknown[] {
  return [id, worker, accountId, expiresAt, ids, text];
}

/** Of an account whose state the transaction looks at. Answers the lot as it is passed on. */
export async function insertLot(db: Database, lot: Lot, batch: LotBatch): Promise<LotText> {
  const row = lotRow(lot.messages);
  const text = `INSERT INTO lot (${COLUMNS}) VALUES (${VALUES})`;
  await db.query({ name: "insert-lot", text, values: valuesOf(lot, row) });
  return lotText(row, batch);
}

/**
 * Accept, the usual case: all requests of a flush in one row. It looks at the accounts itself, once each: what is
 * remembered of a key may be out of date.
 */
const PLAIN = `
INSERT INTO lot (${COLUMNS}) SELECT ${VALUES}
WHERE NOT EXISTS (SELECT FROM account a WHERE a.id = ANY ($7::int[]) AND (a.deleted_at IS NOT NULL OR a.priced))`;

/** @returns null where nothing was stored, because one of the accounts is deactivated or its messages are priced */
export async function insertPlainLot(db: Database, lot: Lot, accountIds: readonly number[]): Promise<LotText | null> {
  const row = lotRow(lot.messages);
  const values = [...valuesOf(lot, row), accountIds];
  const { rowCount } = await db.query({ name: "insert-plain-lot", text: PLAIN, values });
  return rowCount === 0 ? null : lotText(row, null);
}

/** Messages of lots as rows that wait to be claimed; those that have a row keep it. `source` has lot_message's columns. */
function spilled(source: string): string {
  return `
INSERT INTO message (id, account_id, destination, parts, expires_at, receipt_by, batch_id, given_id, sender, body,
                     callback, endpoint, leased_by, state, next_at)
SELECT id, account_id, destination, parts, expires_at, receipt_by, batch_id, given_id, sender, body, callback, endpoint,
       0, ${ACCEPTED}, now()
FROM ${source}
ON CONFLICT (id) DO NOTHING`;
}

/**
 * Ends the lots that `which` says: those of their messages that have no row get one, to be claimed. A message whose
 * outcome is being written at this moment has the one or the other, by its key.
 */
export function spillLots(which: string): string {
  return spilling("lot", which, spilled("lot_message WHERE lot IN (SELECT id FROM which)"));
}

/** Gives these messages of a worker's lots rows, to be claimed; those that have one keep it. */
export async function spillMessages(db: Database, ids: readonly string[], worker: number): Promise<void> {
  const text = spilled("lot_message WHERE worker = $2 AND id = ANY ($1::uuid[])");
  await readingLots(db, () => db.query({ text, values: [ids, worker] }));
}

/**
 * Ends lots of which each message has a row although not all of them got it in the usual way.
 * @param until those that were made until then, in epoch milliseconds
 */
export async function endWrittenLots(db: Database, worker: number, until: number): Promise<void> {
  const text = `
DELETE FROM lot l WHERE l.worker = $1 AND l.id < $2 AND NOT EXISTS (
  SELECT FROM unnest(l.ids) AS u (id) WHERE NOT EXISTS (SELECT FROM message m WHERE m.id = u.id))`;
  await db.query({ name: "end-written-lots", text, values: [worker, firstIdAt(until)] });
}

/** A lot as it is passed on in memory. */
export interface LotText {
  id: string;
  /** Messages in it. */
  count: number;
  text: string;
  batch: LotBatch | null;
}

/** The messages of a lot that has come into hand, to be sent. */
export function messagesOfLot({ id, count, text, batch }: LotText): WaitingMessage[] {
  const lot: OpenRow = { id, left: count };
  return lotMessages(text).map((message) => ({
    id: message.id,
    accountId: message.accountId,
    destination: message.destination,
    sender: message.sender ?? (batch as LotBatch).sender,
    body: message.body ?? (batch as LotBatch).body,
    parts: message.parts,
    expiresAt: message.expiresAt,
    unwritten: { lot, message, batch },
  }));
}

/** The same of a lot that was claimed, which another program may have written; null where it cannot be read. */
export function messagesOfClaimed(lot: LotText): WaitingMessage[] | null {
  try {
    const messages = messagesOfLot(lot);
    return messages.length === lot.count && messages.every(isWhole) ? messages : null;
  } catch {
    return null;
  }
}

function isWhole({ id, accountId, destination, sender, body, parts, expiresAt }: WaitingMessage): boolean {
  const texts = [id, destination, sender, body].every((text) => typeof text === "string");
  return texts && [accountId, parts, expiresAt].every((value) => Number.isFinite(value));
}

/**
 * Lots that nobody has in hand, the oldest of each account: found as `claimMessages` finds messages. A lot is claimed
 * whole; one that is claimed never goes back, but ends as rows of its messages.
 */
const CLAIM = `
WITH RECURSIVE waiting AS (
  (SELECT account_id FROM lot WHERE worker = 0 ORDER BY account_id LIMIT 1)
  UNION ALL
  SELECT (SELECT l.account_id FROM lot l WHERE l.worker = 0 AND l.account_id > w.account_id ORDER BY l.account_id LIMIT 1)
  FROM waiting w WHERE w.account_id IS NOT NULL
), due AS (
  SELECT d.id FROM waiting w CROSS JOIN LATERAL (
    SELECT l.id FROM lot l WHERE l.worker = 0 AND l.account_id = w.account_id ORDER BY l.id LIMIT 1
    FOR UPDATE SKIP LOCKED
  ) d
  WHERE w.account_id IS NOT NULL
  LIMIT $2
), claimed AS (
  UPDATE lot l SET worker = $1 FROM due d WHERE l.id = d.id AND l.worker + 0 = 0
  RETURNING l.id, cardinality(l.ids) AS count, l.messages, (left(l.id::text, 31) || '00000')::uuid AS batch_id
)
SELECT c.id, c.count, c.messages, b.sender, b.body, b.callback, b.endpoint, b.given_id
FROM claimed c JOIN batch b ON b.id = c.batch_id ORDER BY c.id`;

interface ClaimedRow {
  id: string;
  count: number;
  messages: string;
  sender: string;
  body: string;
  callback: string | null;
  endpoint: number | null;
  given_id: string | null;
}

export async function claimLots(db: Database, worker: number, most: number): Promise<LotText[]> {
  const query = { name: "claim-lots", text: CLAIM, values: [worker, most] };
  const { rows } = await readingLots(db, () => db.query<ClaimedRow>(query));
  return rows.map(({ id, count, messages, given_id: givenId, ...shared }) => {
    return { id, count, text: messages, batch: { ...shared, givenId } };
  });
}

const WAITING = spillLots("which AS (SELECT id FROM lot WHERE worker = 0 ORDER BY id LIMIT 4)");

/** For those that take no lots: ends some of those that wait, so that their messages can be claimed. */
export async function spillWaitingLots(db: Database): Promise<void> {
  await readingLots(db, () => db.query({ name: "spill-waiting-lots", text: WAITING }));
}

const EXPIRED = spillLots("which AS (SELECT id FROM lot WHERE worker = 0 AND expires_at <= now() LIMIT 100)");

/** Ends lots that nobody has in hand and of which a message has expired; answers how many messages were in them. */
export async function spillExpiredLots(db: Database): Promise<number> {
  const { rowCount } = await readingLots(db, () => db.query({ name: "expired-lots", text: EXPIRED }));
  return rowCount ?? 0;
}
