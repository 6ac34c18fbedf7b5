import { columns, type Database } from "../database.ts";
import { hashOf } from "./handset-hash.ts";

/** An account's shared messages to a handset. */
export interface SharedPair {
  accountId: number;
  /** Digits of the E.164 number. */
  handset: string;
}

/** The lock of a pair, or the number that it would get. */
export interface SharedNumber {
  /** The number that the pair has; null where it has none. */
  number: string | null;
  /** One that no other account has for the handset, where the pair has none; null where there is none left for it. */
  free: string | null;
  /** Whether there is none because its organization has as many numbers for the handset as it may. */
  full: boolean;
  /** A number that the pair has a lock on, and the pool has no more. */
  stale: string | null;
}

/** A lock that is to be made. */
export interface SharedLock extends SharedPair {
  number: string;
  /** The lock that gives way to it: `SharedNumber.stale`. */
  stale: string | null;
}

const PAIR = ["accountId", "handset"] as const satisfies readonly (keyof SharedPair)[];
const LOCK = [...PAIR, "number"] as const satisfies readonly (keyof SharedLock)[];

/**
 * How many numbers of the pool the accounts of an organization have for a handset: those of the handset are looked at,
 * by its index alone, and not all accounts of the organization.
 */
const countOf = (hash: string, pool: string, organization: string): string => `(
    SELECT count(*) FROM unnest(ARRAY(
      SELECT t.account_id FROM shared_lock t WHERE t.handset_hash = ${hash} AND t.number + 0 = ANY (${pool}::bigint[])
    )) AS h (account_id)
    WHERE (SELECT organization_id FROM account WHERE id = h.account_id) = ${organization})`;

/**
 * What each pair has, or would get now: the lock that it has on a number of the pool, and else the first number of the
 * pool that nobody has for the handset, unless its organization has `$4` of them. Accounts begin to look at different
 * places, so that two that look at once seldom find the same. A few index reads a pair, whatever the number of locks.
 */
const FORESEE = `
WITH wanted AS MATERIALIZED (
  SELECT w.*, ${hashOf("w.handset")} AS hash
  FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS w (account_id, handset, place)
), found AS (
  SELECT w.*, l.number AS locked, l.number = ANY ($3::bigint[]) AS live,
         1 + ((w.handset + w.account_id) % cardinality($3))::int AS start
  FROM wanted w LEFT JOIN shared_lock l ON l.account_id = w.account_id AND l.handset_hash = w.hash
), bounded AS MATERIALIZED (
  SELECT f.*, f.live IS NOT TRUE AND
    ${countOf("f.hash", "$3", "(SELECT organization_id FROM account WHERE id = f.account_id)")} >= $4::int AS full
  FROM found f
)
SELECT CASE WHEN live THEN locked END::text AS number, CASE WHEN NOT live THEN locked END::text AS stale, "full",
       CASE WHEN live IS NOT TRUE AND NOT "full" THEN (
         SELECT p.number FROM unnest($3[b.start:] || $3[:b.start - 1]) AS p (number)
         WHERE p.number <> ALL (
           ARRAY(SELECT t.number FROM shared_lock t WHERE t.handset_hash = b.hash AND t.account_id <> b.account_id)
         )
         LIMIT 1) END::text AS free
FROM bounded b ORDER BY place`;

/**
 * Locks nothing.
 * @param pool the numbers, in digits
 * @param most numbers that the accounts of one organization may have for a handset
 */
export async function previewSharedNumbers(
  db: Database,
  pairs: readonly SharedPair[],
  pool: readonly string[],
  most: number,
): Promise<SharedNumber[]> {
  const values = [...columns(pairs, PAIR), pool, most];
  const { rows } = await db.query<SharedNumber>({ name: "preview-shared-numbers", text: FORESEE, values });
  return rows;
}

/** An organization's accounts lock one after the other, so that they count each other's; 0x736861 is "sha" in ASCII. */
const TAKE_TURNS = `
SELECT pg_advisory_xact_lock(7563361, organization_id)
FROM (SELECT DISTINCT organization_id FROM account WHERE id = ANY ($1::int[]) ORDER BY organization_id) AS o`;

const END_STALE = `
DELETE FROM shared_lock l USING unnest($1::int[], $2::bigint[], $3::bigint[]) AS w (account_id, handset, number)
WHERE l.account_id = w.account_id AND l.handset_hash = ${hashOf("w.handset")} AND l.number = w.number`;

/** In one order, so that two programs that lock at once do not wait for each other crosswise. */
const MAKE = `
WITH wanted AS MATERIALIZED (
  SELECT w.*, ${hashOf("w.handset")} AS hash, a.organization_id
  FROM unnest($1::int[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS w (account_id, handset, number, place)
  LEFT JOIN account a ON a.id = w.account_id
), counted AS (
  SELECT w.*, dense_rank() OVER (PARTITION BY w.organization_id, w.hash ORDER BY w.account_id) +
    ${countOf("w.hash", "$4", "w.organization_id")} AS nth
  FROM wanted w
), made AS (
  INSERT INTO shared_lock AS l (account_id, handset_hash, number)
  SELECT account_id, hash, number FROM counted WHERE nth <= $5::int ORDER BY hash, account_id, number
  ON CONFLICT DO NOTHING
  RETURNING l.account_id, l.handset_hash, l.number
)
SELECT m.number IS NOT NULL AS made
FROM wanted w LEFT JOIN made m ON m.account_id = w.account_id AND m.handset_hash = w.hash AND m.number = w.number
ORDER BY w.place`;

/**
 * Makes the locks, in a transaction that holds no more than accounts before.
 * @param pool,most as in `previewSharedNumbers`
 * @returns for each whether it was made: false where somebody was quicker, and another number is to be looked for
 */
export async function lockSharedNumbers(
  db: Database,
  locks: readonly SharedLock[],
  pool: readonly string[],
  most: number,
): Promise<boolean[]> {
  await db.query({ name: "shared-turns", text: TAKE_TURNS, values: [locks.map(({ accountId }) => accountId)] });
  const stale = locks.filter((lock) => lock.stale !== null);
  if (stale.length > 0) {
    const values = [...columns(stale, PAIR), stale.map((lock) => lock.stale)];
    await db.query({ name: "end-stale-locks", text: END_STALE, values });
  }
  const values = [...columns(locks, LOCK), pool, most];
  const { rows } = await db.query<{ made: boolean }>({ name: "lock-shared-numbers", text: MAKE, values });
  return rows.map(({ made }) => made);
}
