import type { InboundMessage } from "../../message/inbound.ts";
import { arrayLiteral, columns, type Database } from "../database.ts";

/** Where an account's inbound messages go. */
export interface InboundTarget {
  id: number;
  identifier: string;
  /** Null where the account is not told. */
  url: string | null;
  endpoint: number | null;
}

const TARGETS = `
SELECT a.id, a.identifier, w.inbound_url AS url, w.inbound_endpoint AS endpoint
FROM unnest($1::int[]) AS t (id) JOIN account a ON a.id = t.id LEFT JOIN account_webhook w ON w.account_id = a.id`;

/** By the account's number. */
export async function inboundTargets(db: Database, accountIds: readonly number[]): Promise<Map<number, InboundTarget>> {
  const { rows } = await db.query<InboundTarget>({ name: "inbound-targets", text: TARGETS, values: [accountIds] });
  return new Map(rows.map((row) => [row.id, row]));
}

/** The first live account of each organization: what is written to its number without having been asked is that one's. */
const FIRST = `
SELECT t.id AS organization, f.id FROM unnest($1::int[]) AS t (id) CROSS JOIN LATERAL (
  SELECT a.id FROM account a WHERE a.organization_id = t.id AND a.deleted_at IS NULL ORDER BY a.id LIMIT 1
) f`;

export async function firstAccounts(db: Database, organizationIds: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await db.query<{ organization: number; id: number }>({ text: FIRST, values: [organizationIds] });
  return new Map(rows.map(({ organization, id }) => [organization, id]));
}

/** All accounts of an organization, deactivated ones too. */
export async function accountsOf(db: Database, organizationId: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>({
    text: "SELECT id FROM account WHERE organization_id = $1 ORDER BY id",
    values: [organizationId],
  });
  return rows.map(({ id }) => id);
}

export interface InboundRow extends InboundMessage {
  accountId: number;
}

const NAMES = [
  "id",
  "accountId",
  "receivedAt",
  "handset",
  "number",
  "batchId",
  "messageId",
  "message",
] as const satisfies readonly (keyof InboundRow)[];

const INSERT = `
INSERT INTO inbound (id, account_id, received_at, handset, number, batch_id, message_id, message, rcs)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::bigint[], $5::text[], $6::uuid[], $7::uuid[],
                     $8::text[], $9::json[])`;

export async function insertInbound(db: Database, rows: readonly InboundRow[]): Promise<void> {
  const answers = arrayLiteral(rows, ({ rcs }) => (rcs === null ? null : JSON.stringify(rcs)));
  await db.query({ name: "insert-inbound", text: INSERT, values: [...columns(rows, NAMES), answers] });
}

/** Which of an account's inbound messages are meant; null for all. */
export interface InboundFilter {
  /** The handset's number, its digits. */
  from: string | null;
  /** The number or sender ID that it wrote to. */
  to: string | null;
  /** Ids from `first` on, and below `last`. */
  first: string;
  last: string;
}

const COLUMNS = `
SELECT a.identifier AS "accountIdentifier", i.id, i.received_at AS "receivedAt", i.handset::text AS handset, i.number,
       i.batch_id AS "batchId", i.message_id AS "messageId", i.message, i.rcs
FROM inbound i JOIN account a ON a.id = i.account_id
WHERE i.account_id = $1 AND i.id >= $2 AND i.id < $3 AND ($4::bigint IS NULL OR i.handset = $4)
  AND ($5::text IS NULL OR i.number = $5)`;
const OLDEST = `${COLUMNS} AND ($6::uuid IS NULL OR i.id > $6) ORDER BY i.id LIMIT $7`;
const NEWEST = `${COLUMNS} AND ($6::uuid IS NULL OR i.id < $6) ORDER BY i.id DESC LIMIT $7`;

/** With the identifier of its account. */
export interface ListedInbound extends InboundMessage {
  accountIdentifier: string;
}

/** An account's, the oldest or the newest first, from behind the one with the id `after`. */
export async function listInbound(
  db: Database,
  accountId: number,
  { from, to, first, last }: InboundFilter,
  order: "oldest" | "newest",
  after: string | null,
  limit: number,
): Promise<ListedInbound[]> {
  const { rows } = await db.query<ListedInbound>({
    name: `list-inbound ${order}`,
    text: order === "newest" ? NEWEST : OLDEST,
    values: [accountId, first, last, from, to, after, limit],
  });
  return rows;
}
