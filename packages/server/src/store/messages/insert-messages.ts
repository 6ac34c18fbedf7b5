import { type ChannelPlan, USUAL_CHANNEL } from "../../message/channel.ts";
import type { CodedContent } from "../../message/coded-content.ts";
import { ACCEPTED } from "../../message/lifecycle.ts";
import { type Column, columnsBy, type Database } from "../database.ts";
import { acceptedCounts, countValues, insertCounts } from "../stats/accepted.ts";

/** A message to one handset, as it is stored. Sender, body and callback are null where its batch row has them. */
export interface NewMessage {
  id: string;
  accountId: number;
  /** Digits of the E.164 number. */
  destination: string;
  parts: number;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** When its receipt is given up, in epoch milliseconds; null where it has the usual validity. */
  receiptBy: number | null;
  /** The node that it is handed to in memory; 0 leaves it for whoever claims it. */
  leasedBy: number;
  batchId: string | null;
  givenId: string | null;
  sender: string | null;
  body: string | null;
  callback: string | null;
  /** `endpointNumber` of account and callback; null where nobody is to be told. */
  endpoint: number | null;
  /** Not there where it goes as usual. */
  plan?: ChannelPlan;
  /** Optional parameters of its submits, as JSON; only beside a plan. */
  tlvs?: string;
  /** Not there where it is a text. */
  coded?: CodedContent;
  /** What RCS shows in place of the text (`RichContent`), as JSON; only beside a plan, and not where its batch row has it. */
  rich?: string;
}

export const MESSAGE_COLUMNS: readonly Column<NewMessage>[] = [
  ({ id }) => id,
  ({ accountId }) => accountId,
  ({ destination }) => destination,
  ({ parts }) => parts,
  ({ expiresAt }) => expiresAt,
  ({ leasedBy }) => leasedBy,
  ({ batchId }) => batchId,
  ({ givenId }) => givenId,
  ({ sender }) => sender,
  ({ body }) => body,
  ({ callback }) => callback,
  ({ endpoint }) => endpoint,
  ({ receiptBy }) => receiptBy,
];

const insertText = (moreColumns: string, moreValues: string): string => `
INSERT INTO message (id, account_id, destination, parts, expires_at, leased_by, batch_id, given_id,
                     sender, body, callback, endpoint, receipt_by, state, next_at${moreColumns})
SELECT id, account_id, destination, parts, to_timestamp(expires_at / 1000), leased_by, batch_id, given_id,
       sender, body, callback, endpoint, to_timestamp(receipt_by / 1000), ${ACCEPTED}, now()${moreColumns}
FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::smallint[], $5::float8[], $6::int[], $7::uuid[], $8::uuid[],
            $9::text[], $10::text[], $11::text[], $12::int[], $13::float8[]${moreValues})
  AS t (id, account_id, destination, parts, expires_at, leased_by, batch_id, given_id, sender, body, callback, endpoint,
        receipt_by${moreColumns})`;

/** The rows of the first 13 parameters, `t`, as messages that are to be sent now, by SMS alone. */
export const INSERT_MESSAGES = insertText("", "");

/** Messages of accounts whose state the transaction has looked at. */
export async function insertMessages(db: Database, rows: readonly NewMessage[]): Promise<void> {
  await db.query({ name: "insert-messages", text: INSERT_MESSAGES, values: columnsBy(rows, MESSAGE_COLUMNS) });
}

const PLANNED_COLUMNS: readonly Column<NewMessage>[] = [
  ...MESSAGE_COLUMNS,
  ({ plan }) => storedChannel(plan?.channel),
  ({ plan }) => plan?.fallback ?? null,
  ({ tlvs }) => tlvs ?? null,
  ({ coded }) => storedContent(coded),
  ({ rich }) => rich ?? null,
];
const INSERT_PLANNED = insertText(
  ", channel, fallback, tlvs, coded, rich",
  ", $14::text[], $15::text[], $16::text[], $17::json[], $18::json[]",
);

/**
 * As `insertMessages`, those with other channels than SMS alone, or with a content that is coded already: the others'
 * statement is as short as without them.
 */
export async function insertPlannedMessages(db: Database, rows: readonly NewMessage[]): Promise<void> {
  await db.query({ name: "insert-planned-messages", text: INSERT_PLANNED, values: columnsBy(rows, PLANNED_COLUMNS) });
}

export function storedContent(coded: CodedContent | undefined): string | null {
  return coded === undefined ? null : JSON.stringify(coded);
}

/** The usual channel stands as null. */
export function storedChannel(channel: string | undefined): string | null {
  return channel === USUAL_CHANNEL ? null : (channel ?? null);
}

/**
 * Accept, what does not go into a bundle: one insert for all requests of a flush. 41k rows a second in such statements against 2–3k
 * single-row transactions. It looks at the accounts itself, once each: what is remembered of a key may be out of date.
 */
const PLAIN = `
WITH stored AS (${INSERT_MESSAGES}
  WHERE NOT EXISTS (SELECT FROM account a WHERE a.id = ANY ($14::int[]) AND (a.deleted_at IS NOT NULL OR a.priced))
  RETURNING id
)
${insertCounts(15, "EXISTS (SELECT FROM stored)")}`;

/** @returns false where nothing was stored, because one of the accounts is deactivated or its messages are priced */
export async function insertPlainMessages(
  db: Database,
  rows: readonly NewMessage[],
  accountIds: readonly number[],
): Promise<boolean> {
  const values = [...columnsBy(rows, MESSAGE_COLUMNS), accountIds, ...countValues(acceptedCounts(rows))];
  const { rowCount } = await db.query({ name: "insert-plain-messages", text: PLAIN, values });
  return rowCount !== 0;
}
