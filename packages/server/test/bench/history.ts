import type { Pool } from "pg";

const DAY_MS = 86_400_000;
export const DAYS = 10;
const SLICE = 100_000;

/** Ids as the program makes them, made in SQL: the time, random bits, and the message's number in its batch. */
const idOf = (time: string, number: string) => `
  (lpad(to_hex((${time})::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8'
   || substr(md5(random()::text), 1, 10) || '${number}')::uuid`;
/** Message 1 of its own batch. */
export const singleId = (time: string) => idOf(time, "00001");
const batchId = (time: string) => idOf(time, "00000");

/** `count` delivered messages and their webhooks, evenly over `spanMs` from `start`. */
async function fill(pool: Pool, count: number, start: number, spanMs: number): Promise<void> {
  for (let from = 0; from < count; from += SLICE) {
    await pool.query({
      text: `
        WITH made AS (
          SELECT n, ${singleId("$1::float8 + n * $2::float8")} AS id, to_timestamp(($1::float8 + n * $2::float8) / 1000) AS at
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

/** `count` batches of those days, with what became of their thousand messages each. */
export async function fillBatches(pool: Pool, count: number, now: number): Promise<void> {
  const first = now - (now % DAY_MS) - DAYS * DAY_MS;
  await pool.query({
    text: `
      WITH made AS (
        INSERT INTO batch (id, account_id, total, parts, endpoint, sender, body, callback)
        SELECT ${batchId("$1::float8 + n * $2::float8")}, 1, 1000, 1, 1, 'Bench', 'Hello ' || n, 'http://127.0.0.1:8090/'
        FROM generate_series(0, $3::int - 1) n
        RETURNING id
      )
      INSERT INTO batch_count (batch_id, node, delivered, failed) SELECT id, 1, 990, 10 FROM made`,
    values: [first, (DAYS * DAY_MS) / count, count],
  });
  await pool.query("VACUUM (ANALYZE) batch, batch_count");
}

/** `count` batches of ten messages that are held, the first for a day from now and each further one a second longer. */
export async function fillPending(pool: Pool, count: number, now: number): Promise<void> {
  await pool.query({
    text: `
      WITH made AS MATERIALIZED (
        SELECT n, ${batchId("$1::float8 + n")} AS id, now() + interval '1 day' + n * interval '1 second' AS at
        FROM generate_series(1, $2::int) n
      ), batches AS (
        INSERT INTO batch (id, account_id, total, parts, endpoint, sender, body, callback)
        SELECT id, 1, 10, 1, 1, 'Bench', 'Hello ' || n, 'http://127.0.0.1:8090/' FROM made
      )
      INSERT INTO pending_batch (id, at, expires_at, account_id, total, cost, destinations)
      SELECT id, at, at + interval '2 days', 1, 10, 0,
             ARRAY(SELECT 447700000000 + n * 10 + d FROM generate_series(0, 9) d)
      FROM made`,
    values: [now - DAY_MS, count],
  });
  await pool.query("VACUUM (ANALYZE) batch, pending_batch");
}

/** A young day: so many messages, and fresh statistics of them. */
export async function fillToday(pool: Pool, count: number, now: number): Promise<void> {
  await fill(pool, count, now - (now % DAY_MS), now % DAY_MS);
  await pool.query("ANALYZE message");
  await pool.query("ANALYZE webhook");
}
