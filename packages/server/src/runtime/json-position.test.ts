import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonPosition } from "./json-position.ts";

test.each([
  ['{"password": secret}', "line 1, column 14"],
  ['{\n  "a": "x"\n  "password": "y"\n}', "line 3, column 3"],
  ['{\n  "a": 1,\n}', "line 3, column 1"],
  ["[1 2]", "line 1, column 4"],
  ["{", "line 1, column 2"],
  ['{"a": "unterminated', "line 1, column 20"],
  ["", "line 1, column 1"],
  ["{} x", "line 1, column 4"],
  ["hello", "line 1, column 1"],
])("%j stops being JSON at %s", (text, position) => {
  expect(jsonPosition(text)).toBe(position);
});

test("an odd character is found wherever it is", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ key: fc.string(), value: fc.anything() }), { minLength: 1 }), (value) => {
      const json = JSON.stringify(value);
      // Before a value or after one, never within a string.
      expect(jsonPosition(`@${json}`)).toBe("line 1, column 1");
      expect(jsonPosition(`${json}@`)).toBe(`line 1, column ${json.length + 1}`);
      expect(jsonPosition(json.slice(0, -1))).toBe(`line 1, column ${json.length}`);
    }),
  );
});
