import fc from "fast-check";
import { type PhoneNumber, parsePhoneNumberFromString } from "libphonenumber-js/min";
import metadata from "libphonenumber-js/min/metadata";
import { describe, expect, test } from "vitest";
import { normaliseMsisdn } from "./msisdn.ts";

const callingCodes = [...Object.keys(metadata.country_calling_codes), ...Object.keys(metadata.nonGeographic)];
const digits = (lengths: { minLength: number; maxLength: number }) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), ...lengths });
const numberOf = (callingCode: fc.Arbitrary<string>) =>
  fc.tuple(callingCode, digits({ minLength: 3, maxLength: 14 })).map((parts) => parts.join(""));

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
    ["4407700900000", "the trunk zero, which E.164 does not have"],
    ["+44 7700 900000", "spaces"],
    [" 447700900000", "a space in front"],
    ["447700900000 ", "a space behind"],
    ["447700900000\n", "a line feed"],
    ["44-7700-900000", "dashes"],
    ["44770090000a", "a letter"],
    ["٤٤٧٧٠٠٩٠٠٠٠٠", "digits that are not ASCII"],
    ["447700900000\u0000", "a NUL"],
    ["4477009000", "a length that Britain does not have"],
    ["44770090000000", "too long for Britain"],
    ["1202555012", "one digit short in North America"],
    ["12025550", "no area code"],
    ["6881234", "four digits, Tuvalu has five to seven"],
    ["123456", "six digits"],
    ["4912345678901234", "sixteen digits"],
    ["210123456789", "no such calling code"],
    ["999123456789", "no such calling code"],
  ])("%j is refused: %s", (input) => {
    expect(normaliseMsisdn(input)).toBeNull();
  });

  test("of any kind of text is digits or null", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), digits({ minLength: 0, maxLength: 20 })), (input) => {
        const number = normaliseMsisdn(input);
        if (number !== null) {
          expect(number).toMatch(/^[1-9][0-9]{6,14}$/);
          expect(input === number || input === `+${number}`).toBe(true);
        }
      }),
    );
  });

  test("is accepted where libphonenumber holds it possible as it is written", () => {
    fc.assert(
      fc.property(numberOf(fc.constantFrom(...callingCodes)), (number) => {
        fc.pre(number.length >= 7 && number.length <= 15 && !number.startsWith("1310"));
        const parsed = parsePhoneNumberFromString(`+${number}`);
        // Not judged: what it reads as a number with a trunk prefix, and what it cannot read.
        fc.pre(parsed !== undefined && parsed.number === `+${number}`);
        const accepted = normaliseMsisdn(number) !== null;
        // A country that shares another's plan may have fewer lengths (Tristan da Cunha has, in Saint Helena's).
        if (sharesPlan(parsed)) expect(accepted || !parsed.isPossible()).toBe(true);
        else expect(accepted).toBe(parsed.isPossible() || isOldMexican(number));
      }),
      { numRuns: 5000 },
    );
  });
});

function isOldMexican(number: string): boolean {
  return number.startsWith("521") && number.length === 13;
}

function sharesPlan({ country, countryCallingCode }: PhoneNumber): boolean {
  return country !== undefined && metadata.country_calling_codes[countryCallingCode]?.[0] !== country;
}
