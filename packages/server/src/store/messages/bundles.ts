import { batchOf } from "../../message/id.ts";
import { ACCEPTED } from "../../message/lifecycle.ts";
import { type BundleRef, Bundles } from "../bundle.ts";
import type { Database } from "../database.ts";
import { skipScan } from "../skip-scan.ts";
import { acceptedCounts, countValues, insertCounts } from "../stats/accepted.ts";
import { type BundleBatch, bundleContent, bundleMessages } from "./bundle-content.ts";
import type { NewMessage } from "./insert-messages.ts";
import { readingBundles } from "./unreadable-bundles.ts";
import type { WaitingMessage } from "./waiting-message.ts";

/** Of `bundled_message m`: bundles of single messages, which are in memory always. */
export const BUFFERED = "m.node > 0 AND m.bundle_account = 0";

/** Of messages (migrations/0007_lots.sql). */
export const MESSAGE_BUNDLES = new Bundles({
  table: "message_bundle",
  missing: "SELECT u.id FROM unnest(b.ids) AS u (id) WHERE NOT EXISTS (SELECT FROM message m WHERE m.id = u.id)",
  rowsOf: (condition) => `
INSERT INTO message (id, account_id, destination, parts, expires_at, receipt_by, batch_id, given_id, sender, body,
                     callback, endpoint, leased_by, state, next_at)
SELECT id, account_id, destination, parts, expires_at, receipt_by, batch_id, given_id, sender, body, callback, endpoint,
       0, ${ACCEPTED}, now()
FROM bundled_message b WHERE ${condition}
ON CONFLICT (id) DO NOTHING`,
  reading: readingBundles,
});

/** Messages that are accepted together. */
export interface Bundle {
  /** The node that it is handed to in memory; 0 leaves it for whoever claims it. */
  node: number;
  /** 0 where several accounts' messages are in it; such a bundle is never left to be claimed. */
  accountId: number;
  messages: readonly NewMessage[];
}

const COLUMNS = "id, node, account_id, expires_at, ids, messages";
const VALUES = "$1::uuid, $2::int, $3::int, to_timestamp($4::float8 / 1000), $5::uuid[], $6::text";

export interface BundleRow {
  id: string;
  count: number;
  expiresAt: number;
  /** An array as PostgreSQL reads it. */
  ids: string;
  text: string;
}

/** A bundle's id is that of its first message. */
export function bundleRow(messages: readonly NewMessage[]): BundleRow {
  let expiresAt = Number.POSITIVE_INFINITY;
  let ids = "";
  for (const message of messages) {
    ids += ids === "" ? message.id : `,${message.id}`;
    if (message.expiresAt < expiresAt) expiresAt = message.expiresAt;
  }
  const text = bundleContent(messages);
  return { id: (messages[0] as NewMessage).id, count: messages.length, expiresAt, ids: `{${ids}}`, text };
}

export function bundleText({ id, count, text }: BundleRow, batch: BundleBatch | null): BundleText {
  return { id, count, text, batch };
}

function valuesOf({ node, accountId }: Bundle, { id, expiresAt, ids, text }: BundleRow): unknown[] {
  return [id, node, accountId, expiresAt, ids, text];
}

/** Of an account whose state the transaction looks at. Answers the bundle as it is passed on. */
export async function insertBundle(db: Database, bundle: Bundle, batch: BundleBatch): Promise<BundleText> {
  const row = bundleRow(bundle.messages);
  const text = `INSERT INTO message_bundle (${COLUMNS}) VALUES (${VALUES})`;
  await db.query({ name: "insert-bundle", text, values: valuesOf(bundle, row) });
  return bundleText(row, batch);
}

/**
 * Accept, the usual case: all requests of a flush in one row. It looks at the accounts itself, once each: what is
 * remembered of a key may be out of date.
 */
const PLAIN = `
WITH stored AS (
  INSERT INTO message_bundle (${COLUMNS}) SELECT ${VALUES}
  WHERE NOT EXISTS (SELECT FROM account a WHERE a.id = ANY ($7::int[]) AND (a.deleted_at IS NOT NULL OR a.priced))
  RETURNING id
)
${insertCounts(8, "EXISTS (SELECT FROM stored)")}`;

/** @returns null where nothing was stored, because one of the accounts is deactivated or its messages are priced */
export async function insertPlainBundle(
  db: Database,
  bundle: Bundle,
  accountIds: readonly number[],
): Promise<BundleText | null> {
  const row = bundleRow(bundle.messages);
  const values = [...valuesOf(bundle, row), accountIds, ...countValues(acceptedCounts(bundle.messages))];
  const { rowCount } = await db.query({ name: "insert-plain-bundle", text: PLAIN, values });
  return rowCount === 0 ? null : bundleText(row, null);
}

/** A bundle as it is passed on in memory. */
export interface BundleText {
  id: string;
  /** Messages in it. */
  count: number;
  text: string;
  batch: BundleBatch | null;
}

/** The messages of a bundle that has come into hand, to be sent. */
export function messagesOfBundle({ id, count, text, batch }: BundleText): WaitingMessage[] {
  const bundle: BundleRef = { id, left: count };
  return bundleMessages(text).map((message) => ({
    id: message.id,
    accountId: message.accountId,
    destination: message.destination,
    sender: message.sender ?? (batch as BundleBatch).sender,
    body: message.body ?? (batch as BundleBatch).body,
    parts: message.parts,
    expiresAt: message.expiresAt,
    bundled: { bundle, message, batch },
  }));
}

/** The same of a bundle that was claimed, which another program may have written; null where it cannot be read. */
export function messagesOfClaimed(bundle: BundleText): WaitingMessage[] | null {
  try {
    const messages = messagesOfBundle(bundle);
    return messages.length === bundle.count && messages.every(isWhole) ? messages : null;
  } catch {
    return null;
  }
}

function isWhole({ id, accountId, destination, sender, body, parts, expiresAt }: WaitingMessage): boolean {
  const texts = [id, destination, sender, body].every((text) => typeof text === "string");
  return texts && [accountId, parts, expiresAt].every((value) => Number.isFinite(value));
}

/**
 * Bundles that nobody has in memory, the oldest of each account: found as `claimMessages` finds messages. A bundle is claimed
 * whole; one that is claimed never goes back, but ends as rows of its messages.
 */
const CLAIM = `
WITH RECURSIVE ${skipScan("waiting", "message_bundle", "account_id", "node = 0")}, due AS (
  SELECT d.id FROM waiting w CROSS JOIN LATERAL (
    SELECT l.id FROM message_bundle l WHERE l.node = 0 AND l.account_id = w.account_id ORDER BY l.id LIMIT 1
    FOR UPDATE SKIP LOCKED
  ) d
  LIMIT $2
), claimed AS (
  UPDATE message_bundle l SET node = $1 FROM due d WHERE l.id = d.id AND l.node + 0 = 0
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

export async function claimBundles(db: Database, node: number, most: number): Promise<BundleText[]> {
  const query = { name: "claim-bundles", text: CLAIM, values: [node, most] };
  const { rows } = await readingBundles(db, () => db.query<ClaimedRow>(query));
  return rows.map(({ id, count, messages, given_id: givenId, ...shared }) => {
    return { id, count, text: messages, batch: { ...shared, givenId } };
  });
}

/** For those that take no bundles: ends some of those that wait, so that their messages can be claimed. */
export async function materializeWaitingBundles(db: Database): Promise<void> {
  await MESSAGE_BUNDLES.materialize(db, { name: "waiting-bundles", where: "node = 0 ORDER BY id LIMIT 4" });
}

/** Ends bundles that nobody has in memory and of which a message has expired; answers how many messages got a row. */
export function materializeExpiredBundles(db: Database): Promise<number> {
  return MESSAGE_BUNDLES.materialize(db, {
    name: "expired-bundles",
    where: "node = 0 AND expires_at <= now() LIMIT 100",
  });
}

/** Ends the bundle that has this message, if nobody has it in memory: of its batch's the last that begins before it. */
export async function materializeBundleOf(db: Database, message: string): Promise<void> {
  const where = "node = 0 AND id > $1 AND id <= $2 AND $2 = ANY (ids)";
  await MESSAGE_BUNDLES.materialize(db, { name: "bundle-of", where, values: [batchOf(message), message] });
}
