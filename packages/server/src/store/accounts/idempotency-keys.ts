import { columns, type Database } from "../database.ts";

/** A request that is to be done once: whose, the caller's key, the body's SHA-256, and what it is answered. */
export interface IdempotentRequest {
  accountId: number;
  key: string;
  fingerprint: Buffer;
  answer: string;
}

const NAMES = ["accountId", "key", "fingerprint", "answer"] as const satisfies readonly (keyof IdempotentRequest)[];

const LIFE = "interval '24 hours'";

/**
 * Takes keys, each there once; answers those that it took. In the order of the keys, so that two processes do not wait
 * for each other: where another has just taken one, this waits for the end of its transaction. Runs inside the one that
 * stores what the requests ask for.
 */
const TAKE = `
INSERT INTO idempotency_key AS k (account_id, key, fingerprint, answer)
SELECT * FROM unnest($1::int[], $2::text[], $3::bytea[], $4::text[]) AS t (account_id, key, fingerprint, answer)
ORDER BY account_id, key
ON CONFLICT (account_id, key) DO UPDATE
SET created_at = now(), fingerprint = excluded.fingerprint, answer = excluded.answer
WHERE k.created_at <= now() - ${LIFE}
RETURNING account_id AS "accountId", key`;

export async function takeIdempotencyKeys(
  db: Database,
  requests: readonly IdempotentRequest[],
): Promise<{ accountId: number; key: string }[]> {
  const { rows } = await db.query<{ accountId: number; key: string }>({
    name: "take-idempotency-keys",
    text: TAKE,
    values: columns(requests, NAMES),
  });
  return rows;
}

type Named = Pick<IdempotentRequest, "accountId" | "key">;

/** The requests that were done under these keys in the last 24 hours. */
export async function findIdempotentRequests(db: Database, keys: readonly Named[]): Promise<IdempotentRequest[]> {
  const { rows } = await db.query<IdempotentRequest>({
    name: "find-idempotent-requests",
    text: `SELECT k.account_id AS "accountId", k.key, k.fingerprint, k.answer
           FROM unnest($1::int[], $2::text[]) AS t (account_id, key)
           JOIN idempotency_key k ON k.account_id = t.account_id AND k.key = t.key
           WHERE k.created_at > now() - ${LIFE}`,
    values: columns(keys, ["accountId", "key"]),
  });
  return rows;
}

/** Gives back keys that were taken in this transaction, for requests that are refused after all. */
export async function releaseIdempotencyKeys(db: Database, keys: readonly Named[]): Promise<void> {
  await db.query({
    text: `DELETE FROM idempotency_key k USING unnest($1::int[], $2::text[]) AS t (account_id, key)
           WHERE k.account_id = t.account_id AND k.key = t.key`,
    values: columns(keys, ["accountId", "key"]),
  });
}

/** Drops what is over; answers whether there is more. */
export async function dropOldIdempotencyKeys(db: Database, limit: number): Promise<boolean> {
  const { rowCount } = await db.query({
    name: "drop-old-idempotency-keys",
    text: `DELETE FROM idempotency_key WHERE (account_id, key) IN (
             SELECT account_id, key FROM idempotency_key WHERE created_at <= now() - ${LIFE}
             ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    values: [limit],
  });
  return rowCount === limit;
}
