import type { Database } from "../database.ts";
import { BUNDLED_COLUMNS, isViewers, MESSAGE_ROW, type MessageRow, ROW_COLUMNS, type Viewer } from "./message-row.ts";
import { readingBundles } from "./unreadable-bundles.ts";

/**
 * By the identifier that its caller gave, which is unique within an account, or by its own. What has no row is looked for
 * in the bundles that may have it: of a batch those between its id and its last, of single messages those that name it.
 */
const textFor = (viewer: Viewer): string => `
WITH named AS (
  SELECT g.id FROM account a JOIN given_id g ON g.account_id = a.id AND g.given = $1 AND g.kind = 'm'
  WHERE ($2::int IS NULL OR a.id = $2) AND ($3::int IS NULL OR a.organization_id = $3)
  UNION ALL
  SELECT $1::uuid
), found AS (
  SELECT ${ROW_COLUMNS} FROM named n JOIN message m ON m.id = n.id WHERE ${isViewers(viewer, "$2", "$3")}
  UNION ALL
  SELECT ${BUNDLED_COLUMNS} FROM named n JOIN bundled_message m ON m.id = n.id
  WHERE m.bundle IN (SELECT l.id FROM message_bundle l JOIN named ON named.id = ANY (l.ids))
    AND NOT EXISTS (SELECT FROM message w WHERE w.id = m.id) AND ${isViewers(viewer, "$2", "$3")}
)
${MESSAGE_ROW}
-- One that was given another identifier is not known by its own.
WHERE m.given_id IS NULL OR m.given_id = $1
ORDER BY m.given_id IS NULL LIMIT 1`;

/** @returns null where the viewer has no such message */
export async function findMessage(db: Database, viewer: Viewer, identifier: string): Promise<MessageRow | null> {
  const { accountId, organizationId } = viewer;
  const whose = accountId !== null ? "account" : organizationId !== null ? "organization" : "operator";
  const statement = {
    name: `find-message of ${whose}`,
    text: textFor(viewer),
    values: [identifier, accountId, organizationId],
  };
  const { rows } = await readingBundles(db, () => db.query<MessageRow>(statement));
  return rows[0] ?? null;
}

/** Every try of a message's webhook, each as JSON, the oldest first, and where it goes. */
export async function attemptsOf(
  db: Database,
  accountId: number,
  id: string,
): Promise<{ url: string; attempts: string[] } | null> {
  const { rows } = await db.query<{ url: string; attempts: string[] | null }>({
    name: "attempts-of-message",
    text: "SELECT url, attempts FROM webhook WHERE account_id = $1 AND id = $2",
    values: [accountId, id],
  });
  const [row] = rows;
  return row === undefined ? null : { url: row.url, attempts: row.attempts ?? [] };
}

/** The names of carriers by their numbers. */
export async function carrierNames(db: Database): Promise<Map<number, string>> {
  const { rows } = await db.query<{ number: number; id: string }>({ text: "SELECT number, id FROM carrier" });
  return new Map(rows.map(({ number, id }) => [number, id]));
}

/** The most that is counted. */
const MOST_AHEAD = 100_000;

/** Those of its account that wait in the store, in nobody's memory, and go before a message. */
export async function countAhead(
  db: Database,
  { id, accountId }: Pick<MessageRow, "id" | "accountId">,
): Promise<number> {
  const { rows } = await db.query<{ ahead: number }>({
    name: "count-ahead",
    text: `
SELECT (SELECT count(*) FROM (
          SELECT FROM message m WHERE m.leased_by = 0 AND m.account_id = $1 AND m.next_at IS NOT NULL AND m.id < $2
          LIMIT ${MOST_AHEAD}) AS w)
       + (SELECT coalesce(sum(cardinality(l.ids)), 0) FROM message_bundle l
          WHERE l.node = 0 AND l.account_id = $1 AND l.id < $2 AND NOT $2 = ANY (l.ids)) AS ahead`,
    values: [accountId, id],
  });
  return Number(rows[0]?.ahead ?? 0);
}

/** The id that an identifier stands for: the one that a viewer's account gave it for, or itself. */
export async function idOfGiven(db: Database, viewer: Viewer, identifier: string, kind: "b" | "m"): Promise<string> {
  const text = `
SELECT g.id FROM account a JOIN given_id g ON g.account_id = a.id AND g.given = $1 AND g.kind = $4::"char"
WHERE ($2::int IS NULL OR a.id = $2) AND ($3::int IS NULL OR a.organization_id = $3) LIMIT 1`;
  const values = [identifier, viewer.accountId, viewer.organizationId, kind];
  const { rows } = await db.query<{ id: string }>({ name: "id-of-anybodys", text, values });
  return rows[0]?.id ?? identifier;
}

export async function carrierNumber(db: Database, id: string): Promise<number | undefined> {
  const text = "SELECT number FROM carrier WHERE id = $1";
  return (await db.query<{ number: number }>({ text, values: [id] })).rows[0]?.number;
}

export async function accountNumber(db: Database, identifier: string): Promise<number | undefined> {
  const text = "SELECT id FROM account WHERE identifier = $1";
  return (await db.query<{ id: number }>({ text, values: [identifier] })).rows[0]?.id;
}
