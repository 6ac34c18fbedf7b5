import { batchOf } from "../../message/id.ts";
import type { Database } from "../database.ts";
import { readingBundles } from "./unreadable-bundles.ts";

/** A message as its sender may ask for it. */
export interface OwnMessage {
  /** Null where it has no row of its own yet: it is held for its time, or about to be sent. */
  state: number | null;
  code: number | null;
  finalAt: Date | null;
  /** Null where there is no such message. */
  sender: string | null;
}

/** Its sender is in its row, in that of its batch, or in the bundle that it is in: only bundles of single messages have one. */
const TEXT = `
SELECT m.state, m.code, m.final_at AS "finalAt", coalesce(m.sender, b.sender, u.sender) AS sender
FROM (SELECT $1::uuid AS id) x
LEFT JOIN message m ON m.id = x.id AND m.account_id = $2
LEFT JOIN batch b ON b.id = $3 AND b.account_id = $2
LEFT JOIN LATERAL (
  SELECT u.sender FROM bundled_message u
  WHERE m.id IS NULL AND b.id IS NULL AND u.id = x.id AND u.account_id = $2
    AND u.bundle IN (SELECT l.id FROM message_bundle l WHERE l.account_id = 0 AND x.id = ANY (l.ids))
) u ON true`;

/** An account's message under this identifier, as the store has it. */
export async function findOwnMessage(db: Database, accountId: number, id: string): Promise<OwnMessage> {
  const values = [id, accountId, batchOf(id)];
  const query = { name: "find-own-message", text: TEXT, values };
  const { rows } = await readingBundles(db, () => db.query<OwnMessage>(query));
  return rows[0] as OwnMessage;
}
