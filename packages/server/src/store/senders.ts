import { foldSenderId } from "../message/sender-id.ts";
import type { Database } from "./database.ts";

/** Whose a sender ID is: an account's, or its organization's where that is null. */
export interface SenderOwner {
  organizationId: number;
  accountId: number | null;
}

/** A registered sender ID as its organization sees it. */
export interface RegisteredSender {
  identifier: string;
  value: string;
  /** The account's identifier; null where it is the organization's. */
  account: string | null;
}

/** Answers false, having stored nothing, where somebody has registered this sender ID before. */
export async function insertSender(
  db: Database,
  { identifier, value, organizationId, accountId }: SenderOwner & { identifier: string; value: string },
): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `INSERT INTO sender (identifier, organization_id, account_id, value, folded) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (folded) DO NOTHING`,
    values: [identifier, organizationId, accountId, value, foldSenderId(value)],
  });
  return rowCount === 1;
}

/** An organization's, in the order in which they were registered, from behind the one with the identifier `after`. */
export async function listSenders(
  db: Database,
  organizationId: number,
  after: string | null,
  limit: number,
): Promise<RegisteredSender[]> {
  const { rows } = await db.query<RegisteredSender>({
    text: `SELECT s.identifier, s.value, a.identifier AS account
           FROM sender s LEFT JOIN account a ON a.id = s.account_id
           WHERE s.organization_id = $1 AND ($2::uuid IS NULL OR s.identifier > $2) ORDER BY s.identifier LIMIT $3`,
    values: [organizationId, after, limit],
  });
  return rows;
}

/** Answers whether the organization had it. */
export async function deleteSender(db: Database, organizationId: number, identifier: string): Promise<boolean> {
  const { rowCount } = await db.query({
    text: "DELETE FROM sender WHERE identifier = $1 AND organization_id = $2",
    values: [identifier, organizationId],
  });
  return rowCount === 1;
}

/** The owners of those of these sender IDs that are registered, by the folded sender ID. */
export async function findSenderOwners(db: Database, folded: readonly string[]): Promise<Map<string, SenderOwner>> {
  const { rows } = await db.query<{ folded: string } & SenderOwner>({
    name: "find-sender-owners",
    text: `SELECT folded, organization_id AS "organizationId", account_id AS "accountId"
           FROM sender WHERE folded = ANY ($1::text[])`,
    values: [folded],
  });
  return new Map(rows.map(({ folded: name, ...owner }) => [name, owner]));
}
