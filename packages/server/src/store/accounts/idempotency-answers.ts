import type { Database } from "../database.ts";
import type { HistoryPage } from "../handsets/handset-history.ts";

/** What a request with an idempotency key was answered. */
export interface StoredAnswer {
  key: string;
  answer: string;
}

const PAGE = 1_000;

const NAMING = `
WITH scanned AS MATERIALIZED (
  SELECT key, answer FROM idempotency_key WHERE account_id = $1 AND key > $2 ORDER BY key LIMIT ${PAGE}
)
SELECT key, answer FROM scanned WHERE strpos(answer, $3) > 0
UNION ALL
(SELECT key, NULL FROM scanned ORDER BY key OFFSET ${PAGE - 1})`;

/** An account's answers with a number in them, from behind the key `after`. */
export async function answersNaming(
  db: Database,
  accountId: number,
  number: string,
  after: string,
): Promise<HistoryPage<StoredAnswer, string>> {
  const { rows } = await db.query<{ key: string; answer: string | null }>({
    name: "answers-naming",
    text: NAMING,
    values: [accountId, after, number],
  });
  return {
    found: rows.flatMap(({ key, answer }) => (answer === null ? [] : [{ key, answer }])),
    next: rows.find(({ answer }) => answer === null)?.key ?? null,
  };
}

/** Unless the key has another answer by now. */
export async function replaceAnswer(
  db: Database,
  accountId: number,
  key: string,
  from: string,
  to: string,
): Promise<void> {
  await db.query({
    text: "UPDATE idempotency_key SET answer = $4 WHERE account_id = $1 AND key = $2 AND answer = $3",
    values: [accountId, key, from, to],
  });
}
