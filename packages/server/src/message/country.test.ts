import { expect, test } from "vitest";
import { countryOf } from "./country.ts";

test.each([
  ["447700900123", "GB"],
  ["12025550123", "US"],
  ["14165550123", "CA"],
  ["18765550123", "JM"],
  ["79161234567", "RU"],
  ["77011234567", "KZ"],
  ["4915112345678", "DE"],
  ["38349123456", "XK"],
  ["59991234567", "CW"],
  ["5994161234", "BQ"],
  ["883120012345", null],
  ["99912345", null],
])("%s is %s", (number, country) => {
  expect(countryOf(number)).toBe(country);
  expect(countryOf(number.slice(0, 4))).toBe(country);
});
