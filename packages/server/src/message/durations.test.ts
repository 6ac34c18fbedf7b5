import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf, percentilesOf } from "./durations.ts";

test("a percentile is within 13 % of the duration that it stands for", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400_000_000 }), fc.integer({ min: 1, max: 1_000 }), (ms, count) => {
      const { p50, p95, p99 } = percentilesOf(new Map([[bucketOf(ms), count]]));
      for (const seconds of [p50, p95, p99]) expect(Math.abs((seconds as number) * 1_000 - ms) / ms).toBeLessThan(0.13);
      expect((p50 as number) <= (p95 as number) && (p95 as number) <= (p99 as number)).toBe(true);
    }),
  );
});

test("what took longer is in a bucket further on, and nothing before the first", () => {
  expect([-5, 0, 0.4, 1, 9.9, 10, 1_000, 60_000].map(bucketOf)).toEqual([0, 0, 0, 0, 9, 10, 30, 47]);
});

test("percentiles part the durations where they say", () => {
  const counts = new Map([
    [bucketOf(100), 94],
    [bucketOf(10_000), 4],
    [bucketOf(1_000_000), 2],
  ]);
  const { p50, p95, p99 } = percentilesOf(counts);
  expect([p50, p95, p99].map((seconds) => bucketOf((seconds as number) * 1_000))).toEqual([20, 40, 60]);
  expect(percentilesOf(new Map())).toEqual({ p50: null, p95: null, p99: null });
});
