import { batchOf } from "../../message/id.ts";
import type { Database } from "../database.ts";

/** A message as its sender may ask for it. */
export interface OwnMessage {
  /** Null where it has no row of its own yet: it is held for its time, or about to be sent. */
  state: number | null;
  code: number | null;
  finalAt: Date | null;
  /** Null where neither it nor its batch has a row yet. */
  sender: string | null;
}

const TEXT = `
SELECT m.state, m.code, m.final_at AS "finalAt", coalesce(m.sender, b.sender) AS sender
FROM (SELECT $1::uuid AS id) x
LEFT JOIN message m ON m.id = x.id AND m.account_id = $2
LEFT JOIN batch b ON b.id = $3 AND b.account_id = $2`;

/** An account's message under this identifier, as the store has it. */
export async function findOwnMessage(db: Database, accountId: number, id: string): Promise<OwnMessage> {
  const values = [id, accountId, batchOf(id)];
  const { rows } = await db.query<OwnMessage>({ name: "find-own-message", text: TEXT, values });
  return rows[0] as OwnMessage;
}
