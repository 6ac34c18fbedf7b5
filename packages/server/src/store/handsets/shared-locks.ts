import { columns, type Database } from "../database.ts";
import { hashOf } from "./handset-hash.ts";

/** An account's shared messages to a handset. */
export interface SharedPair {
  accountId: number;
  /** Digits of the E.164 number. */
  handset: string;
}

const NAMES = ["accountId", "handset"] as const satisfies readonly (keyof SharedPair)[];

/** What there is for a pair. */
export interface SharedNumber {
  /** The number that the pair has, or has now; null where it has none. */
  number: string | null;
  /** One that no other account has for the handset, where the pair has none; null where there is none left. */
  free: string | null;
}

/**
 * `wanted` by its place, with the lock that it has on a number of the pool, and else the first number of the pool that
 * nobody has for the handset. Accounts begin to look at different places, so that two that look at once seldom find the
 * same. Three index reads a pair, whatever the number of locks.
 */
const FOUND = `
WITH wanted AS MATERIALIZED (
  SELECT w.*, ${hashOf("w.handset")} AS hash
  FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS w (account_id, handset, place)
), found AS (
  SELECT w.*, l.number AS locked, l.number = ANY ($3::bigint[]) AS live,
         1 + ((w.handset + w.account_id) % cardinality($3))::int AS start
  FROM wanted w LEFT JOIN shared_lock l ON l.account_id = w.account_id AND l.handset_hash = w.hash
), placed AS (
  SELECT f.*, CASE WHEN f.live IS NOT TRUE THEN (
    SELECT p.number FROM unnest($3[f.start:] || $3[:f.start - 1]) AS p (number)
    WHERE p.number <> ALL (
      ARRAY(SELECT t.number FROM shared_lock t WHERE t.handset_hash = f.hash AND t.account_id <> f.account_id)
    )
    LIMIT 1) END AS free
  FROM found f
)`;

const FORESEE = `${FOUND}
SELECT CASE WHEN live THEN locked END::text AS number, free::text AS free FROM placed ORDER BY place`;

/** What each pair has, or would get now. Locks nothing. */
export async function foreseeSharedNumbers(
  db: Database,
  pairs: readonly SharedPair[],
  pool: readonly string[],
): Promise<SharedNumber[]> {
  return query(db, "foresee-shared-numbers", FORESEE, pairs, pool);
}

/**
 * In one order, so that two programs that lock at once do not wait for each other crosswise. What somebody
 * else takes in the same moment is not taken. A lock on a number that the pool has no more gives way.
 */
const LOCK = `${FOUND}, made AS (
  INSERT INTO shared_lock AS l (account_id, handset_hash, number)
  SELECT account_id, hash, free FROM placed WHERE locked IS NULL AND free IS NOT NULL ORDER BY hash
  ON CONFLICT DO NOTHING
  RETURNING l.account_id, l.handset_hash, l.number
), moved AS (
  UPDATE shared_lock l SET number = p.free FROM placed p
  WHERE p.live = false AND p.free IS NOT NULL AND l.account_id = p.account_id AND l.handset_hash = p.hash
  RETURNING l.account_id, l.handset_hash, l.number
)
SELECT coalesce(CASE WHEN p.live THEN p.locked END, n.number)::text AS number, p.free::text AS free
FROM placed p LEFT JOIN (SELECT * FROM made UNION ALL SELECT * FROM moved) n
  ON n.account_id = p.account_id AND n.handset_hash = p.hash
ORDER BY p.place`;

/**
 * Locks a number for each pair that has none. Number and free are both set or null as in `SharedNumber`; free without a
 * number: somebody was quicker, try again.
 * @param pairs no handset twice
 */
export async function lockSharedNumbers(
  db: Database,
  pairs: readonly SharedPair[],
  pool: readonly string[],
): Promise<SharedNumber[]> {
  return query(db, "lock-shared-numbers", LOCK, pairs, pool);
}

async function query(
  db: Database,
  name: string,
  text: string,
  pairs: readonly SharedPair[],
  pool: readonly string[],
): Promise<SharedNumber[]> {
  const { rows } = await db.query<SharedNumber>({ name, text, values: [...columns(pairs, NAMES), pool] });
  return rows;
}
