import type { Database } from "../database.ts";

/**
 * Lets the server use its log's files again instead of making new ones. Of its own accord it does so when they have
 * grown by max_wal_size, which is more than a disk has left that is nearly full.
 */
export async function checkpoint(db: Database): Promise<void> {
  await db.query({ text: "CHECKPOINT" });
}
