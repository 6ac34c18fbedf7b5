import fc from "fast-check";
import { expect, test } from "vitest";
import { Due, TICK_MS } from "./due.ts";

test("the wait ends when the next is due, or a tick later, and is never longer than asked for", () => {
  const times = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 4e12 }), (waits, now) => {
      const due = new Due();
      for (const wait of waits) due.add(now + wait, now);
      let at = now;
      for (const wait of waits.sort((a, b) => a - b)) {
        while (at < now + wait) at += due.wait(at, 500);
        expect(at - (now + wait)).toBeLessThan(TICK_MS);
      }
      expect(due.wait(at + TICK_MS, 500)).toBe(500);
    }),
  );
});

test("what is due in an hour is not remembered", () => {
  const due = new Due();
  due.add(3_600_000, 0);
  expect(due.wait(3_599_900, 500)).toBe(500);
});
