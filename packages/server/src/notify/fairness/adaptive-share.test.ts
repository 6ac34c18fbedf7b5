import fc from "fast-check";
import { expect, test } from "vitest";
import { AdaptiveShare } from "./adaptive-share.ts";

const rounds = (share: AdaptiveShare, count: number, fails: (index: number) => boolean): number[] => {
  const widths: number[] = [];
  let index = 0;
  for (let round = 0; round < count; round++) {
    const { slots } = share;
    widths.push(slots);
    for (let left = slots - 1; left >= 0; left--) {
      if (fails(index++)) share.failed(left);
      else share.succeeded(true, 0);
    }
  }
  return widths;
};

test("doubles with every round of successes up to the bound", () => {
  expect(rounds(new AdaptiveShare(8, 100), 6, () => false)).toEqual([8, 16, 32, 64, 100, 100]);
});

test("does not grow while it is not used", () => {
  const share = new AdaptiveShare(8, 100);
  for (let count = 0; count < 100; count++) share.succeeded(false, 0);
  expect(share.slots).toBe(8);
});

test.each([2, 5, 10])("stays as it is where %i in a hundred fail", (percent) => {
  const widths = rounds(new AdaptiveShare(8, 256), 50, (index) => index % 100 < percent && index % (100 / percent) < 1);
  expect(widths.at(-1)).toBe(256);
});

test("is halved once for what was under way together, and grows slowly from there", () => {
  const share = new AdaptiveShare(8, 256);
  rounds(share, 3, () => false);
  expect(share.slots).toBe(64);
  for (let left = 63; left >= 0; left--) share.failed(left);
  expect(share.slots).toBe(32);
  expect(rounds(share, 4, () => false)).toEqual([32, 34, 36, 38]);
});

test("grows by a slot a round at least", () => {
  const share = new AdaptiveShare(8, 256);
  for (let count = 0; count < 12; count++) share.failed(0);
  const { slots } = share;
  expect(rounds(share, 3, () => false)).toEqual([slots, slots + 1, slots + 2]);
});

test("begins anew where it is told to, and doubles again, as far as half of what was too much", () => {
  const unknown = new AdaptiveShare(8, 256);
  for (let count = 0; count < 100; count++) unknown.failed(0);
  unknown.restart(2);
  expect(rounds(unknown, 6, () => false)).toEqual([2, 4, 8, 16, 32, 64]);
  const known = new AdaptiveShare(8, 256);
  rounds(known, 2, () => false);
  for (let count = 0; count < 100; count++) known.failed(0);
  known.restart(2);
  expect(rounds(known, 6, () => false)).toEqual([2, 4, 8, 16, 17, 18]);
});

test("is between one and the bound, whatever happens", () => {
  const step = fc.record({ kind: fc.constantFrom("success", "idle", "failure", "restart"), underWay: fc.nat(300) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.array(step, { maxLength: 200 }), (most, steps) => {
      const share = new AdaptiveShare(8, most);
      for (const { kind, underWay } of steps) {
        if (kind === "failure") share.failed(underWay);
        else if (kind === "restart") share.restart(2);
        else share.succeeded(kind === "success", 0);
        expect(share.slots).toBeGreaterThanOrEqual(1);
        expect(share.slots).toBeLessThanOrEqual(most);
      }
    }),
  );
});
