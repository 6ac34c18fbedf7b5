import fc from "fast-check";
import { expect, test } from "vitest";
import { isNestedTooDeep, MOST_DEEP } from "./nesting.ts";

const tooDeep = (json: string): boolean => isNestedTooDeep(Buffer.from(json));
/** Brackets enough that the depth is looked at. */
const MANY = 20_000;
const list = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

test.each([
  ["lists", "[", "]"],
  ["objects", '{"a":', "}"],
  ["both", '[{"a":', "}]"],
  ["lists that do not end", "[", ""],
])("deep ones: %s", (_name, open, close) => {
  expect(tooDeep(`${open.repeat(MANY)}1${close.repeat(MANY)}`)).toBe(true);
});

test.each([
  [
    "as deep as it may be, often",
    `[${Array(MANY)
      .fill(list(MOST_DEEP - 1))
      .join(",")}]`,
  ],
  ["a long list of objects", JSON.stringify(Array(MANY).fill({ a: [{}] }))],
  ["brackets in a text", JSON.stringify({ a: "[{".repeat(MANY) })],
  ["quotes and brackets in a text", JSON.stringify({ a: '"[\\'.repeat(MANY) })],
  ["few, however deep: they cost nothing", list(9_000)],
])("not so: %s", (_name, json) => {
  expect(tooDeep(json)).toBe(false);
});

test("whatever is JSON of a usual depth is not too deep", () => {
  const json = fc.json({ maxDepth: 8 }).map((one) => `[${Array(3_000).fill(`{"x":[${one}],"y":{"z":[]}}`).join(",")}]`);
  fc.assert(
    fc.property(json, (text) => !tooDeep(text)),
    { numRuns: 30 },
  );
});
