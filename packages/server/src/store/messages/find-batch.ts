import { batchOf, messageId } from "../../message/id.ts";
import type { RichContent } from "../../message/rich-content.ts";
import type { Database } from "../database.ts";
import { findMessage } from "./find-message.ts";
import { findRich } from "./find-rich.ts";
import type { Viewer } from "./message-row.ts";

const ACCOUNT = `
SELECT a.id FROM account a JOIN given_id g ON g.account_id = a.id AND g.given = $1 AND g.kind = 'b'
WHERE $2::int IS NULL OR a.organization_id = $2
UNION ALL
SELECT a.id FROM batch b JOIN account a ON a.id = b.account_id
WHERE b.id = $1 AND ($2::int IS NULL OR a.organization_id = $2)
LIMIT 1`;

/** The account that a viewer's batch is of; null where the viewer has no such batch. */
export async function accountOfBatch(db: Database, viewer: Viewer, identifier: string): Promise<number | null> {
  if (viewer.accountId !== null) return viewer.accountId;
  const values = [identifier, viewer.organizationId];
  const { rows } = await db.query<{ id: number }>({ name: "account-of-batch", text: ACCOUNT, values });
  if (rows[0] !== undefined) return rows[0].id;
  if (identifier !== batchOf(identifier)) return null;
  return (await findMessage(db, viewer, messageId(identifier, 1)))?.accountId ?? null;
}

/** The content of a batch. */
export interface BatchContent {
  /** The account's identifier. */
  account: string;
  /** Null where it was erased, as the text. */
  sender: string | null;
  body: string | null;
  /** What RCS shows in place of the text; null without any. */
  rich: RichContent | null;
  callback: string | null;
  parts: number;
  /** When it is sent, in epoch milliseconds, while it is held for that time. */
  pendingUntil: number | null;
}

const CONTENT = `
SELECT a.identifier AS account, nullif(b.sender, '') AS sender, nullif(b.body, '') AS body, b.rich, b.callback, b.parts,
       round(extract(epoch FROM p.at) * 1000)::float8 AS "pendingUntil"
FROM batch b JOIN account a ON a.id = b.account_id LEFT JOIN pending_batch p ON p.id = b.id AND p.released = 0
WHERE b.id = $1`;

/** @param id of a batch of this account, in the table or of a single message */
export async function batchContent(db: Database, accountId: number, id: string): Promise<BatchContent | null> {
  const { rows } = await db.query<BatchContent>({ name: "batch-content", text: CONTENT, values: [id] });
  const [row] = rows;
  if (row !== undefined) return row;
  const single = await findMessage(db, { accountId, organizationId: null }, messageId(id, 1));
  return single === null ? null : { ...single, rich: await findRich(db, single.id), pendingUntil: null };
}
