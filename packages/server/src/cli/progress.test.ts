import { expect, test } from "vitest";
import { durationText, progressText } from "./progress.ts";

test.each([
  [[0, 1_000_000, 2], "0 of 1,000,000 numbers (0 %), 0.0 a second"],
  [[300_000, 1_000_000, 3], "300,000 of 1,000,000 numbers (30 %), 100,000 a second, 7 s left"],
  [[1, 600, 4], "1 of 600 numbers (0 %), 0.3 a second, 39 min 56 s left"],
  [[0, 0, 2], "0 of 0 numbers (100 %), 0.0 a second"],
  [[12_345, null, 2], "12,345 numbers, 6,173 a second"],
] as const)("of %j: %s", ([done, total, seconds], text) => {
  expect(progressText("numbers", done, total, seconds)).toBe(text);
});

test.each([
  [0.2, "0 s"],
  [59.4, "59 s"],
  [125, "2 min 5 s"],
  [12_000, "3 h 20 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
