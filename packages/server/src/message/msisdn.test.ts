import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyCodePoint } from "../../test/support/chances.ts";
import { normaliseMsisdn } from "./msisdn.ts";

const digits = (lengths: { minLength: number; maxLength: number }) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), ...lengths });

describe("a mobile number", () => {
  test.each([
    ["447700900000", "reserved for fiction"],
    ["447700900999", "reserved for fiction"],
    ["441111111111", "in no range that is given out"],
    ["12025550123", "North America"],
    ["16045550123", "North America, Canada"],
    ["79001234567", "Russia"],
    ["77011234567", "Kazakhstan"],
    ["8613800138000", "China"],
    ["5491112345678", "Argentina's mobile 9"],
    ["525512345678", "Mexico"],
    ["5215512345678", "Mexico with the 1 of before 2019"],
    ["2290161234567", "Benin, ten digits since 2024"],
    ["4915112345678", "Germany, eleven digits"],
    ["491511234567", "Germany, ten digits"],
    ["393123456789", "Italy"],
    ["37812345678", "San Marino"],
    ["68812345", "Tuvalu"],
    ["882133006551", "satellite"],
    ["1234567", "the shortest"],
    ["123456789012345", "the longest"],
    ["999123456789", "a calling code that nobody has yet"],
  ])("%s: %s", (number) => {
    expect(normaliseMsisdn(number)).toBe(number);
    expect(normaliseMsisdn(`+${number}`)).toBe(number);
  });

  test.each([
    ["", "nothing"],
    ["+", "nothing but the sign"],
    ["++447700900000", "two signs"],
    ["00447700900000", "the prefix for calls abroad"],
    ["07700900000", "a leading zero"],
    ["+44 7700 900000", "spaces"],
    [" 447700900000", "a space in front"],
    ["447700900000 ", "a space behind"],
    ["447700900000\n", "a line feed"],
    ["44-7700-900000", "dashes"],
    ["44770090000a", "a letter"],
    ["٤٤٧٧٠٠٩٠٠٠٠٠", "digits that are not ASCII"],
    ["447700900000\u0000", "a NUL"],
    ["123456", "six digits"],
    ["1234567890123456", "sixteen digits"],
    ["0123456789", "a zero in front"],
  ])("%j is refused: %s", (input) => {
    expect(normaliseMsisdn(input)).toBeNull();
  });

  test("of any kind of text is digits or null", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: anyCodePoint }), digits({ minLength: 0, maxLength: 20 })), (input) => {
        const number = normaliseMsisdn(input);
        if (number !== null) {
          expect(number).toMatch(/^[1-9][0-9]{6,14}$/);
          expect(input === number || input === `+${number}`).toBe(true);
        }
      }),
    );
  });
});
