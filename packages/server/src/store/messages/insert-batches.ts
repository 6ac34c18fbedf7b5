import { columns, type Database } from "../database.ts";

/** What the messages of a batch share. */
export interface NewBatch {
  id: string;
  accountId: number;
  total: number;
  parts: number;
  sender: string;
  body: string;
  callback: string | null;
  endpoint: number | null;
  givenId: string | null;
}

const NAMES = [
  "id",
  "accountId",
  "total",
  "parts",
  "sender",
  "body",
  "callback",
  "endpoint",
  "givenId",
] as const satisfies readonly (keyof NewBatch)[];

const TEXT = `
INSERT INTO batch (id, account_id, total, parts, sender, body, callback, endpoint, given_id)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::int[],
                     $9::uuid[])`;

export async function insertBatches(db: Database, batches: readonly NewBatch[]): Promise<void> {
  await db.query({ name: "insert-batches", text: TEXT, values: columns(batches, NAMES) });
}
