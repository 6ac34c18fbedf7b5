import type { RichContent } from "../../message/rich-content.ts";
import type { Database } from "../database.ts";

/** By the message's id: its own row, and its batch's. */
const TEXT = `
SELECT coalesce(m.rich, b.rich) AS rich FROM message m LEFT JOIN batch b ON b.id = m.batch_id WHERE m.id = $1`;

/**
 * A message's rich content; null without any. It is read when it is needed: a message has up to 250 KB of it, and a node
 * thousands of messages in memory.
 */
export async function findRich(db: Database, id: string): Promise<RichContent | null> {
  const { rows } = await db.query<{ rich: RichContent | null }>({ name: "find-rich", text: TEXT, values: [id] });
  return rows[0]?.rich ?? null;
}
