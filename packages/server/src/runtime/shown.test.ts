import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shownLine, shownText } from "./shown.ts";

describe("what others wrote is printed so that no terminal obeys it:", () => {
  test.each([
    ["\u001b[2J\u001b]0;title\u0007", "\\u001b[2J\\u001b]0;title\\u0007"],
    ["one\rother", "one\\u000dother"],
    ["\u009b31m\u0085\u007f\u0000", "\\u009b31m\\u0085\\u007f\\u0000"],
    ["a\u202egnp.exe\u2066x\u2069", "a\\u202egnp.exe\\u2066x\\u2069"],
    ["a\u2028b\u2029c", "a\\u2028b\\u2029c"],
    ["two\nlines\tand a tab, שלום\u200f, Grüße 👨‍👩‍👧", "two\nlines\tand a tab, שלום\u200f, Grüße 👨‍👩‍👧"],
  ])("%j", (text, shown) => {
    expect(shownText(text)).toBe(shown);
  });

  test("a line stays one", () => {
    expect(shownLine("one\nother\r\n")).toBe("one\\nother\\u000d\\n");
  });

  test("JSON says the same as before", () => {
    const anything = fc.anything({ values: [fc.string({ unit: "binary" }), fc.constant("\u009b\u202e\u2028\u007f")] });
    fc.assert(
      fc.property(anything, (value) => {
        const json = JSON.stringify(value) ?? "null";
        expect(JSON.parse(shownText(json))).toEqual(JSON.parse(json));
        expect(shownText(json)).not.toMatch(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});
