import { type Column, columnsBy, type Database } from "../database.ts";

/** What the messages of a batch share. */
export interface NewBatch {
  id: string;
  accountId: number;
  total: number;
  parts: number;
  sender: string;
  body: string;
  /** What RCS shows in place of the text (`RichContent`), as JSON. */
  rich?: string;
  callback: string | null;
  endpoint: number | null;
  givenId: string | null;
}

const COLUMNS: readonly Column<NewBatch>[] = [
  ({ id }) => id,
  ({ accountId }) => accountId,
  ({ total }) => total,
  ({ parts }) => parts,
  ({ sender }) => sender,
  ({ body }) => body,
  ({ rich }) => rich ?? null,
  ({ callback }) => callback,
  ({ endpoint }) => endpoint,
  ({ givenId }) => givenId,
];

const TEXT = `
INSERT INTO batch (id, account_id, total, parts, sender, body, rich, callback, endpoint, given_id)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::smallint[], $5::text[], $6::text[], $7::json[], $8::text[],
                     $9::int[], $10::uuid[])`;

export async function insertBatches(db: Database, batches: readonly NewBatch[]): Promise<void> {
  await db.query({ name: "insert-batches", text: TEXT, values: columnsBy(batches, COLUMNS) });
}
