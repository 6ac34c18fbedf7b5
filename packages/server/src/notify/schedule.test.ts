import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retryAfterMs } from "../runtime/retry-after.ts";
import { MAX_RETRY_AFTER_MS, nextAttemptAt } from "./schedule.ts";

const retryDelays = [5, 60, 600, 3_600, 21_600];
const now = Date.parse("2026-03-01T12:00:00Z");

describe("the next attempt", () => {
  test.each([
    [1, 0, 5_000],
    [2, 0, 60_000],
    [3, 0, 600_000],
    [4, 0, 3_600_000],
    [5, 0, 21_600_000],
    [1, 0.5, 5_500],
    [5, 0.5, 23_760_000],
  ])("after %i tries, with the random source at %d, is %i ms away", (tries, random, wait) => {
    expect(nextAttemptAt({ tries, now, retryDelays, retryAfterMs: null, random: () => random })).toBe(now + wait);
  });

  test("is none after one try more than there are waits", () => {
    expect(nextAttemptAt({ tries: 6, now, retryDelays, retryAfterMs: 1_000, random: Math.random })).toBeNull();
    expect(nextAttemptAt({ tries: 1, now, retryDelays: [], retryAfterMs: null, random: Math.random })).toBeNull();
  });

  const plan = fc.record({
    tries: fc.integer({ min: 1, max: 7 }),
    now: fc.integer({ min: 0, max: 4e12 }),
    retryDelays: fc.array(
      fc.integer({ min: 0, max: 1e9 }).map((ms) => ms / 1_000),
      { maxLength: 6 },
    ),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 1e13 })),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map((value) => () => value),
  });

  test("is never earlier than planned nor than asked for, and never later than both bounds allow", () => {
    fc.assert(
      fc.property(plan, (tries) => {
        const at = nextAttemptAt(tries);
        const delay = tries.retryDelays[tries.tries - 1];
        expect(at === null).toBe(delay === undefined);
        if (at === null || delay === undefined) return;
        const earliest = delay * 1_000;
        const latest = earliest * 1.2;
        const asked = tries.retryAfterMs ?? 0;
        expect(Number.isInteger(at)).toBe(true);
        // As a sum: the difference of two large numbers can be a trillionth of a millisecond off.
        const planned = Math.max(earliest, Math.min(asked, earliest + MAX_RETRY_AFTER_MS));
        expect(at).toBeGreaterThanOrEqual(tries.now + planned);
        expect(at - tries.now).toBeLessThan(
          Math.max(latest, Math.min(asked * 1.2, latest + MAX_RETRY_AFTER_MS)) + 1.001,
        );
      }),
    );
  });
});

test("asked for a longer wait, planned longer, or lengthened more at random, it never comes earlier", () => {
  const more = fc.record({
    asked: fc.integer({ min: 0, max: 1e8 }),
    planned: fc.integer({ min: 0, max: 1e5 }),
    random: fc.double({ min: 0, max: 0.5, maxExcluded: true, noNaN: true }),
  });
  fc.assert(
    fc.property(more, more, (less, added) => {
      const at = ({ asked, planned, random }: typeof less): number =>
        nextAttemptAt({ tries: 1, now, retryDelays: [planned], retryAfterMs: asked, random: () => random })!;
      const later = {
        asked: less.asked + added.asked,
        planned: less.planned + added.planned,
        random: less.random + added.random,
      };
      expect(at(later)).toBeGreaterThanOrEqual(at(less));
    }),
  );
});

describe("Retry-After", () => {
  test.each([
    ["0", 0],
    ["120", 120_000],
    [" 7 ", 7_000],
    ["Sun, 01 Mar 2026 12:01:00 GMT", 60_000],
    ["Sunday, 01-Mar-26 12:01:00 GMT", 60_000],
    ["Sun Mar  1 12:01:00 2026", 60_000],
    ["Sun, 01 Mar 2026 11:59:00 GMT", 0],
  ])("%j asks for a wait of %i ms", (field, wait) => {
    expect(retryAfterMs(field, now)).toBe(wait);
  });

  test.each(["", "-5", "1.5", "soon", "2026-03-01T12:01:00Z", "12345678901", "Sun, 99 Foo 2026 12:01:00 GMT"])(
    "%j asks for nothing",
    (field) => {
      expect(retryAfterMs(field, now)).toBeNull();
    },
  );
});
