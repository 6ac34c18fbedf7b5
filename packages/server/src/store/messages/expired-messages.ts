import type { Database } from "../database.ts";

/** A message whose validity ended while nobody had it in memory. */
export interface ExpiredMessage {
  id: string;
  /** The carrier that a node had begun to submit it to when it died; null otherwise. */
  carrier: number | null;
}

/** An index of its own, of waiting rows that nobody has in memory alone: what is handed off in memory never enters it. */
const TEXT = `
SELECT id, carrier FROM message
WHERE leased_by = 0 AND next_at IS NOT NULL AND expires_at <= now()
ORDER BY expires_at LIMIT $1`;

export async function expiredMessages(db: Database, limit: number): Promise<ExpiredMessage[]> {
  const { rows } = await db.query<ExpiredMessage>({ name: "expired-messages", text: TEXT, values: [limit] });
  return rows;
}
