import { describe, expect, test } from "vitest";
import { type NumberFormat, readNumber, writtenNumber } from "./number-format.ts";

const uk: NumberFormat = { national: "44", prefix: "0" };
const bare: NumberFormat = { national: "47", prefix: "" };

describe("a number is written", () => {
  test.each<[NumberFormat, string, string, boolean]>([
    ["international", "447700900123", "447700900123", false],
    ["plus", "447700900123", "+447700900123", false],
    ["00", "447700900123", "00447700900123", false],
    [uk, "447700900123", "07700900123", true],
    [uk, "33612345678", "33612345678", false],
    [bare, "4790000000", "90000000", true],
  ])("as %j: %s as %s", (format, digits, address, national) => {
    expect(writtenNumber(digits, format)).toEqual({ address, national });
  });
});

describe("a number that comes in is read", () => {
  test.each<[NumberFormat, string, string]>([
    [uk, "07700900123", "447700900123"],
    [uk, "447700900123", "447700900123"],
    [uk, "+447700900123", "+447700900123"],
    [uk, "00447700900123", "00447700900123"],
    [uk, "MyShop", "MyShop"],
    [uk, "0", "0"],
    [bare, "90000000", "4790000000"],
    [bare, "4790000000", "4790000000"],
    ["international", "07700900123", "07700900123"],
    ["plus", "+447700900123", "+447700900123"],
  ])("as %j: %s as %s", (format, address, digits) => {
    expect(readNumber(address, format)).toBe(digits);
  });
});
