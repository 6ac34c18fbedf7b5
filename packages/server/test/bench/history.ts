import type { Pool } from "pg";

const DAY_MS = 86_400_000;
const DAYS = 10;
const SLICE = 100_000;

/** Ids as the program makes them, made in SQL: the time, random bits, message 1 of its own batch. */
const ID = (time: string) => `
  (lpad(to_hex((${time})::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8'
   || substr(md5(random()::text), 1, 10) || '00001')::uuid`;

/** `count` delivered messages and their webhooks, evenly over `spanMs` from `start`. */
async function fill(pool: Pool, count: number, start: number, spanMs: number): Promise<void> {
  for (let from = 0; from < count; from += SLICE) {
    await pool.query({
      text: `
        WITH made AS (
          SELECT n, ${ID("$1::float8 + n * $2::float8")} AS id, to_timestamp(($1::float8 + n * $2::float8) / 1000) AS at
          FROM generate_series($3::int, $4::int) n
        ), messages AS (
          INSERT INTO message (id, expires_at, final_at, destination, account_id, leased_by, endpoint, state, parts,
                               carrier, code, sender, body, callback, carrier_message_id)
          SELECT id, at + interval '2 days', at + interval '3 seconds', 447700000000 + n, 1, 0, 1, 2, 1,
                 1, 0, 'Bench', 'Your code is ' || n, 'http://127.0.0.1:8090/', 'h' || to_hex(n)
          FROM made
        )
        INSERT INTO webhook (id, account_id, leased_by, endpoint, state, tries, url, attempts)
        SELECT id, 1, 0, 1, 1, 1, 'http://127.0.0.1:8090/',
               ARRAY['{"at":"2026-01-01T00:00:00.000Z","status":200,"fault":null,"answer":null,"totalMs":1.5}']
        FROM made`,
      values: [start, spanMs / count, from, Math.min(count, from + SLICE) - 1],
    });
  }
}

/** What `count` messages of the ten days until yesterday leave behind. Today's partitions begin empty. */
export async function fillHistory(pool: Pool, count: number, now: number): Promise<void> {
  const midnight = now - (now % DAY_MS);
  await fill(pool, count, midnight - DAYS * DAY_MS, DAYS * DAY_MS);
  await pool.query("VACUUM (ANALYZE) message");
  await pool.query("VACUUM (ANALYZE) webhook");
}

/** A young day: so many messages, and fresh statistics of them. */
export async function fillToday(pool: Pool, count: number, now: number): Promise<void> {
  await fill(pool, count, now - (now % DAY_MS), now % DAY_MS);
  await pool.query("ANALYZE message");
  await pool.query("ANALYZE webhook");
}
