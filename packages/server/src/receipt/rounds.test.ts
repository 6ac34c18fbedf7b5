import { expect, test } from "vitest";
import { inRounds } from "./rounds.ts";

const keyOf = (item: string): string => item[0] as string;

test.each<[string[], string[][]]>([
  [[], []],
  [["a1", "b1"], [["a1", "b1"]]],
  [
    ["a1", "a2", "b1", "a3"],
    [["a1", "b1"], ["a2"], ["a3"]],
  ],
])("%j goes in the rounds %j", (items, rounds) => {
  expect(inRounds(items, keyOf)).toEqual(rounds);
});

test("what comes without end is in the last of 255 rounds", () => {
  const rounds = inRounds(
    Array.from({ length: 1_000 }, (_, index) => `a${index}`),
    keyOf,
  );
  expect(rounds).toHaveLength(255);
  expect(rounds.at(-1)).toHaveLength(746);
  expect(rounds.flat()).toHaveLength(1_000);
});
