import { columns, type Database } from "../database.ts";

/** A message's account and its callback, as the account gave it. */
export interface MessageCallback {
  id: string;
  accountId: number;
  callback: string;
}

const TEXT = `
SELECT m.id, m.account_id AS "accountId", coalesce(m.callback, b.callback) AS callback
FROM unnest($1::uuid[]) AS t (id) JOIN message m ON m.id = t.id LEFT JOIN batch b ON b.id = m.batch_id
WHERE starts_with(coalesce(m.callback, b.callback), $2)`;

/** Of these messages, the callbacks that begin so. Each is found by its partition's primary key. */
export async function findCallbacks(
  db: Database,
  messages: readonly { id: string }[],
  beginning: string,
): Promise<MessageCallback[]> {
  const values = [...columns(messages, ["id"]), beginning];
  return (await db.query<MessageCallback>({ name: "find-callbacks", text: TEXT, values })).rows;
}
