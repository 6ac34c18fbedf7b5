/**
 * Durations in fixed buckets on a logarithmic scale, ten to a power of ten: the counts of the buckets give every percentile
 * to within 13 %. Bucket `b` goes from 10^(b/10) ms to 10^((b+1)/10) ms; the first also has all shorter durations.
 */
const PER_DECADE = 10;

/** No duration, in the store. */
export const NO_BUCKET = -1;

/** @param ms milliseconds; less than 1 (a clock that was set back) is in the first bucket */
export function bucketOf(ms: number): number {
  return ms >= 1 ? Math.floor(PER_DECADE * Math.log10(ms)) : 0;
}

/** The same in SQL. @param seconds an expression of type double precision */
export function bucketSql(seconds: string): string {
  return `floor(${PER_DECADE} * log(greatest(1.0::float8, 1000 * ${seconds})))::int`;
}

/** Seconds within which 50, 95 and 99 of a hundred ended; null if there are none. */
export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** @param counts the number of durations in each bucket */
export function percentilesOf(counts: ReadonlyMap<number, number>): Percentiles {
  const buckets = [...counts].sort(([one], [other]) => one - other);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  const at = (share: number): number | null => {
    let left = share * total;
    for (const [bucket, count] of buckets) {
      if (left <= count) return secondsOf(bucket);
      left -= count;
    }
    return null;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** The middle of a bucket in seconds, to three digits: the buckets know no more. */
function secondsOf(bucket: number): number {
  return Number((10 ** ((bucket + 0.5) / PER_DECADE) / 1_000).toPrecision(3));
}
