import { type Column, type Connections, columnsBy, transaction } from "../database.ts";
import { MINUTE_MS, readCounts, type Sum } from "./counts.ts";

/** Milliseconds of each span. */
export const SPAN_MS = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: 24 * 60 * MINUTE_MS } as const;
/** A minute, an hour, or a day, as rows name them. */
export type Span = keyof typeof SPAN_MS;

/** The beginning of the span that a time is in, UTC; both in epoch milliseconds. */
export function spanOf(span: Span, at: number): number {
  return Math.floor(at / SPAN_MS[span]) * SPAN_MS[span];
}

/** Flushes in one step: 10 to 20 ms, of which half is ours. */
export const STEP = 1_000;

const TAKE = `
DELETE FROM stat_flush WHERE ctid = ANY (ARRAY(SELECT ctid FROM stat_flush LIMIT ${STEP}))
RETURNING extract(epoch FROM at)::float8 * 1000 AS at, counts`;

interface SpanSum extends Sum {
  span: Span;
}

const COLUMNS: readonly Column<SpanSum>[] = [
  ({ span }) => span,
  ({ accountId }) => accountId,
  ({ at }) => at,
  ({ messages }) => messages,
  ({ parts }) => parts,
  ({ carrier }) => carrier,
  ({ code }) => code,
  ({ what }) => what,
  ({ bucket }) => bucket,
  ({ country }) => country,
  ({ channel }) => channel,
];

const ADD = `
INSERT INTO stat AS s (span, account_id, at, messages, parts, carrier, code, what, bucket, country, channel)
SELECT span, account_id, to_timestamp(at / 1000), messages, parts, carrier, code, what, bucket, country, channel
FROM unnest($1::"char"[], $2::int[], $3::float8[], $4::bigint[], $5::bigint[], $6::smallint[], $7::smallint[],
            $8::smallint[], $9::smallint[], $10::text[], $11::text[])
  AS t (span, account_id, at, messages, parts, carrier, code, what, bucket, country, channel)
ON CONFLICT (span, account_id, at, what, carrier, code, bucket, country, channel) DO UPDATE
SET messages = s.messages + excluded.messages, parts = s.parts + excluded.parts`;

/**
 * Adds what the oldest flushes have counted to the sums of their minute, hour and day, at most STEP of them; answers how
 * many there were. A flush is counted once: it goes in the transaction that adds it. Programs take turns.
 */
export async function foldCounts(pool: Connections): Promise<number> {
  return transaction(pool, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('messaging-plus statistics'))");
    const { rows } = await client.query<{ at: number; counts: string }>({ name: "take-counts", text: TAKE });
    const sums = summed(rows.flatMap(readCounts));
    if (sums.length > 0) await client.query({ name: "add-counts", text: ADD, values: columnsBy(sums, COLUMNS) });
    return rows.length;
  });
}

function summed(counts: readonly Sum[]): SpanSum[] {
  const sums = new Map<string, SpanSum>();
  for (const count of counts) {
    const { accountId, what, carrier, code, bucket, country, channel } = count;
    const name = `${accountId},${what},${carrier},${code},${bucket},${country},${channel}`;
    for (const span of ["m", "h", "d"] as const) {
      const at = spanOf(span, count.at);
      const key = `${span}${at},${name}`;
      const sum = sums.get(key);
      if (sum === undefined) sums.set(key, { ...count, span, at });
      else {
        sum.messages += count.messages;
        sum.parts += count.parts;
      }
    }
  }
  return [...sums.values()];
}

/** Adds all that is committed. */
export async function foldAll(pool: Connections): Promise<void> {
  while ((await foldCounts(pool)) === STEP);
}
