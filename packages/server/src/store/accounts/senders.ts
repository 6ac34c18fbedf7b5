import { foldSenderId } from "../../message/sender-id.ts";
import type { Database } from "../database.ts";

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
    text: `INSERT INTO sender (identifier, organization_id, account_id, value, folded)
           SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM sender WHERE folded = $6)
           ON CONFLICT (folded) DO NOTHING`,
    values: [identifier, organizationId, accountId, value, foldSenderId(value), value.toLowerCase()],
  });
  return rowCount === 1;
}

/**
 * Folds by today's rule what was registered under an earlier one, which told apart by lower case alone. Of several that
 * look alike now, the one that was registered first is folded; the others keep their form, which no other can have
 * since it is not folded, and stay their owners'.
 */
export async function refoldSenders(db: Database): Promise<void> {
  const { rows } = await db.query<{ identifier: string; value: string; folded: string }>({
    text: "SELECT identifier, value, folded FROM sender ORDER BY created_at, identifier",
  });
  for (const { identifier, value, folded } of rows) {
    const wanted = foldSenderId(value);
    if (wanted === folded) continue;
    await db.query({
      text: `UPDATE sender SET folded = $2 WHERE identifier = $1
             AND NOT EXISTS (SELECT FROM sender WHERE folded = $2)`,
      values: [identifier, wanted],
    });
  }
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

/** The owners of those of these sender IDs that are registered, or that look like one that is, by the sender ID. */
export async function findSenderOwners(db: Database, senders: readonly string[]): Promise<Map<string, SenderOwner>> {
  const { rows } = await db.query<{ folded: string } & SenderOwner>({
    name: "find-sender-owners",
    text: `SELECT folded, organization_id AS "organizationId", account_id AS "accountId"
           FROM sender WHERE folded = ANY ($1::text[])`,
    values: [[...new Set(senders.flatMap((sender) => [sender.toLowerCase(), foldSenderId(sender)]))]],
  });
  const owners = new Map(rows.map(({ folded, ...owner }) => [folded, owner]));
  return new Map(
    senders.flatMap((sender) => {
      // One that kept its lower case (refoldSenders) goes before the one that it looks like.
      const owner = owners.get(sender.toLowerCase()) ?? owners.get(foldSenderId(sender));
      return owner === undefined ? [] : [[sender, owner] as const];
    }),
  );
}
