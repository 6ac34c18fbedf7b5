import { expect, test } from "vitest";
import { nextSequenceNumber } from "./sequence-number.ts";

test.each([
  [0, [], 1],
  [1, [], 2],
  [0x7fffffff, [], 1],
  [0x7ffffffe, [0x7fffffff, 1, 2], 3],
])("after %i, with %j in use, comes %i", (previous, inUse, expected) => {
  expect(nextSequenceNumber(previous, new Set(inUse))).toBe(expected);
});
