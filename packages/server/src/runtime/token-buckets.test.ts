import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TokenBuckets } from "./token-buckets.ts";

describe("token buckets", () => {
  test("give a burst at once and then so many a second, to each name its own", () => {
    let now = 1_000_000;
    const buckets = new TokenBuckets(10, 3, { now: () => now });
    expect([1, 2, 3].map(() => buckets.take("a"))).toEqual([0, 0, 0]);
    expect(buckets.take("a")).toBeCloseTo(0.1);
    expect(buckets.take("b")).toBe(0);
    now += 50;
    expect(buckets.take("a")).toBeCloseTo(0.05);
    now += 51;
    expect(buckets.take("a")).toBe(0);
    expect(buckets.take("a")).toBeGreaterThan(0);
    now += 3_600_000;
    expect([1, 2, 3, 4].map(() => buckets.take("a") === 0)).toEqual([true, true, true, false]);
  });

  test("let more be spent than there is, which then flows in before there is a token again", () => {
    let now = 1_000_000;
    const buckets = new TokenBuckets(10, 5, { now: () => now });
    expect(buckets.take("a")).toBe(0);
    buckets.spend("a", 24);
    expect(buckets.take("a")).toBeCloseTo(2.1);
    now += 2_101;
    expect(buckets.take("a")).toBe(0);
    expect(buckets.take("a")).toBeGreaterThan(0);
    buckets.spend("a", -1);
    expect(buckets.take("a")).toBe(0);
    // Given back, there is no more than the burst.
    now += 60_000;
    buckets.spend("a", -100);
    expect(Array.from({ length: 6 }, () => buckets.take("a") === 0)).toEqual([...Array(5).fill(true), false]);
  });

  test("neither fill nor lock when the clock is set back", () => {
    let now = 1_000_000;
    const buckets = new TokenBuckets(1, 1, { now: () => now });
    expect(buckets.take("a")).toBe(0);
    now -= 3_600_000;
    expect(buckets.take("a")).toBe(1);
    now += 1_000;
    expect(buckets.take("a")).toBe(0);
  });

  test("never give more than the burst and what flows in, and whoever waits as told is served", () => {
    const steps = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 400 }), name: fc.constantFrom("a", "b") }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 10 }), (all, perSecond, burst) => {
        let now = 0;
        const buckets = new TokenBuckets(perSecond, burst, { now: () => now });
        const given = new Map<string, number>();
        for (const { wait, name } of all) {
          now += wait;
          const seconds = buckets.take(name);
          if (seconds > 0) continue;
          given.set(name, (given.get(name) ?? 0) + 1);
          expect(given.get(name)).toBeLessThanOrEqual(burst + (now / 1_000) * perSecond + 1e-6);
        }
        const seconds = buckets.take("a");
        now += seconds * 1_000 + 1;
        if (seconds > 0) expect(buckets.take("a")).toBe(0);
      }),
    );
  });

  test("forget those that are full again", () => {
    let now = 0;
    const buckets = new TokenBuckets(1, 1, { now: () => now });
    for (let index = 0; index < 10_000; index++) buckets.take(String(index));
    now += 10_000;
    for (let index = 0; index < 10_000; index++) expect(buckets.take(`later ${index}`)).toBe(0);
    expect(buckets.take("later 0")).toBe(1);
  });
});
