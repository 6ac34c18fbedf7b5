import { columns, type Database } from "../database.ts";
import { hashOf } from "../handsets/handset-hash.ts";

/** A number of ours and a handset that writes to it; both are digits. */
export interface Conversation {
  handset: string;
  number: string;
}

const NAMES = ["handset", "number"] as const satisfies readonly (keyof Conversation)[];

/** Whose the handset's messages to the number are. */
export interface NumberOwner {
  organizationId: number;
  /** Null where it is the organization's: it is that account's which wrote to the handset last. */
  accountId: number | null;
  /** The number is of the shared pool. */
  shared: boolean;
}

/** What is registered goes before a lock: a number that is somebody's is not of the pool any more. */
const TEXT = `
SELECT s.organization_id AS registered, s.account_id AS account, l.account_id AS locked, a.organization_id AS locker
FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS w (handset, number, place)
LEFT JOIN sender s ON s.folded = w.number AND s.value = w.number
LEFT JOIN shared_lock l
  ON s.folded IS NULL AND l.handset_hash = ${hashOf("w.handset")} AND l.number = w.number::bigint
LEFT JOIN account a ON a.id = l.account_id
ORDER BY w.place`;

/** One for each, in their order; null where the number is nobody's. */
export async function findNumberOwners(
  db: Database,
  conversations: readonly Conversation[],
): Promise<(NumberOwner | null)[]> {
  const { rows } = await db.query<{
    registered: number | null;
    account: number | null;
    locked: number | null;
    locker: number | null;
  }>({ name: "find-number-owners", text: TEXT, values: columns(conversations, NAMES) });
  return rows.map(({ registered, account, locked, locker }) => {
    if (registered !== null) return { organizationId: registered, accountId: account, shared: false };
    return locker === null ? null : { organizationId: locker, accountId: locked, shared: true };
  });
}
