import { expect, test } from "vitest";
import { type NumbersOptions, readNumbers } from "./numbers.ts";

const numbersOf = (text: string, options?: NumbersOptions) =>
  readNumbers(text, options).numbers.map(({ number }) => number);

test.each([
  ["one a line", "447700900123\r\n+447700900124\n", ["447700900123", "447700900124"]],
  [
    "several a line",
    "447700900123 447700900124,447700900125; +447700900126",
    ["447700900123", "447700900124", "447700900125", "447700900126"],
  ],
  [
    "with blanks and signs",
    "+44 7700 900123\n(+44) 7700-900.124\n+44 (0)7700 900125",
    ["447700900123", "447700900124", "447700900125"],
  ],
  ["after 00", "00447700900123\n00 44 7700 900124", ["447700900123", "447700900124"]],
  [
    "between comments, blank lines and a byte order mark",
    "\uFEFF# ours\n\n  447700900123\n  # not this: 447700900124\n",
    ["447700900123"],
  ],
])("numbers %s", (_how, text, numbers) => {
  expect(readNumbers(text)).toMatchObject({ numbers: numbers.map((number) => ({ number })), faults: [] });
});

test("numbers in national form belong to the country that is given, others stay as they are", () => {
  expect(numbersOf("07700 900123\n+33612345678\n0033612345679", { country: "44" })).toEqual([
    "447700900123",
    "33612345678",
    "33612345679",
  ]);
});

test.each([
  ["its name", "name,mobile\nAnn,447700900123\n", { column: "mobile" }],
  ["its place", "name,mobile\nAnn,447700900123\n", { column: "2" }],
  ["its place, without a line of names", "Ann,447700900123\n", { column: "2" }],
  ["its name, with semicolons", "mobile;name\n447700900123;Ann\n", { column: "mobile" }],
  ["its name, in quotes", '"name","mobile"\n"Smith, ""Ann""","+44 7700 900123"\n', { column: "mobile" }],
])("of a CSV the column by %s", (_how, text, options) => {
  expect(numbersOf(text, options)).toEqual(["447700900123"]);
});

test("a column that is not there is named with those that are", () => {
  expect(() => readNumbers("name,phone\nAnn,1\n", { column: "mobile" })).toThrow("no column mobile among name, phone");
});

test("every fault is told with its line, and the rest is read", () => {
  const { numbers, faults } = readNumbers("447700900123\n\n07700900124\nAnn 447700900125\n12\n");
  expect(numbers).toEqual([
    { line: 1, number: "447700900123" },
    { line: 4, number: "447700900125" },
  ]);
  expect(faults.map(({ line, value, why }) => `${line}: ${value} ${why}`)).toEqual([
    "3: 07700900124 is in national form; --country says of which country",
    "4: Ann is no mobile number: 7 to 15 digits with the country's code",
    "5: 12 is no mobile number: 7 to 15 digits with the country's code",
  ]);
  expect(readNumbers("name,mobile\nAnn,\nBob", { column: "mobile" }).faults).toEqual([
    { line: 2, value: "", why: "is empty" },
    { line: 3, value: "", why: "is empty" },
  ]);
});
