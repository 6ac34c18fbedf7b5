import fc from "fast-check";
import { expect, test } from "vitest";
import { costlyShape, MOST_DEEP, MOST_VALUES } from "./body-shape.ts";

const shapeOf = (json: string) => costlyShape(Buffer.from(json));
/** Brackets enough that the depth is looked at. */
const MANY = 20_000;
const list = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

test.each([
  ["lists", "[", "]"],
  ["objects", '{"a":', "}"],
  ["both", '[{"a":', "}]"],
  ["lists that do not end", "[", ""],
])("deep ones: %s", (_name, open, close) => {
  expect(shapeOf(`${open.repeat(MANY)}1${close.repeat(MANY)}`)).toBe("deep");
});

test.each([
  [
    "as deep as it may be, often",
    `[${Array(1_000)
      .fill(list(MOST_DEEP - 1))
      .join(",")}]`,
  ],
  ["a long list of objects", JSON.stringify(Array(MANY).fill({ a: [{}] }))],
  ["brackets in a text", JSON.stringify({ a: "[{".repeat(MANY) })],
  ["as many values as there may be", `[${"0,".repeat(MOST_VALUES - 1)}0]`],
  ["commas in a text", JSON.stringify({ a: ',"'.repeat(2 * MOST_VALUES) })],
  ["quotes and brackets in a text", JSON.stringify({ a: '"[\\'.repeat(MANY) })],
  ["few, however deep: they cost nothing", list(9_000)],
])("not so: %s", (_name, json) => {
  expect(shapeOf(json)).toBeNull();
});

test.each([
  ["numbers", `[${"0,".repeat(MOST_VALUES)}0]`],
  ["objects", `[${"{},".repeat(MOST_VALUES / 2)}{}]`],
  ["fields", `{${'"a":0,'.repeat(MOST_VALUES)}"a":0}`],
])("crowded ones: %s", (_name, json) => {
  expect(shapeOf(json)).toBe("crowded");
});

test("whatever is JSON of a usual depth is not too deep", () => {
  const json = fc.json({ maxDepth: 8 }).map((one) => `[${Array(3_000).fill(`{"x":[${one}],"y":{"z":[]}}`).join(",")}]`);
  fc.assert(
    fc.property(json, (text) => shapeOf(text) !== "deep"),
    { numRuns: 30 },
  );
});
