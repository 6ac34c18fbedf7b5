import { expect, test } from "vitest";
import { nationalNumbers } from "./national-number.ts";
import { firstCells, linesOf, NumberList, type NumberListOptions } from "./number-list.ts";

function listOf(text: string, options?: NumberListOptions): NumberList {
  const list = new NumberList(options);
  for (const line of text.split("\n")) list.add(line);
  list.end();
  return list;
}
const numbersOf = (text: string, options?: NumberListOptions) => [...listOf(text, options).numbers];
const faultsOf = (text: string, options?: NumberListOptions) =>
  listOf(text, options).faults.map(({ line, value, why }) => `${line}: ${value} ${why}`);

test.each([
  ["one a line", "447700900123\r\n+447700900124\n", ["447700900123", "447700900124"]],
  [
    "several a line",
    "447700900123 447700900124,447700900125; +447700900126",
    ["447700900123", "447700900124", "447700900125", "447700900126"],
  ],
  [
    "with blanks, signs and quotes",
    '+44 7700 900123\n(+44) 7700-900.124\n+44 (0)7700 900125\n\'+447700900126\n"447700900127"\n\u202a+44\u00a07700\u2060900128\u202c',
    ["447700900123", "447700900124", "447700900125", "447700900126", "447700900127", "447700900128"],
  ],
  ["after 00", "00447700900123\n00 44 7700 900124", ["447700900123", "447700900124"]],
  ["between comments and blank lines", "# ours\n\n  447700900123\n  # not this: 447700900124\n", ["447700900123"]],
])("numbers %s", (_how, text, numbers) => {
  const list = listOf(text);
  expect({ numbers: [...list.numbers], faults: list.faults }).toEqual({ numbers, faults: [] });
});

test("a number that is there again, in whatever form, is counted and left out", () => {
  const { numbers, repeated } = listOf("447700900123\n+44 7700 900123\n00447700900123\n447700900124");
  expect({ numbers: [...numbers], repeated }).toEqual({ numbers: ["447700900123", "447700900124"], repeated: 2 });
});

test("numbers in national form belong to the country that is given, others stay as they are", () => {
  const national = nationalNumbers("44");
  expect(numbersOf("07700 900123\n+33612345678\n0033612345679\n447700900124", { national })).toEqual([
    "447700900123",
    "33612345678",
    "33612345679",
    "447700900124",
  ]);
  expect(faultsOf("33612345678", { national })).toEqual([
    "1: 33612345678 is neither in national form with a zero nor with the country's code, + or 00",
  ]);
  // Ten digits from 91 on are a number within India, and the same with +91 before them.
  expect(numbersOf("9123456789\n919123456789", { national: nationalNumbers("91") })).toEqual(["919123456789"]);
});

test.each([
  ["its name", "name,mobile\nAnn,447700900123\n", { column: "mobile" }],
  ["its place", "name,mobile\nAnn,447700900123\n", { column: "2" }],
  ["its place, without a line of names", "Ann,447700900123\n", { column: "2" }],
  ["its name, a number", "2024,2025\n1,447700900123\n", { column: "2025" }],
  ["its name, with semicolons", "mobile;name\n447700900123;Ann\n", { column: "mobile" }],
  ["its name, with tabs", "mobile\tname\n447700900123\tAnn\n", { column: "mobile" }],
  ["its name, in quotes", '"name","mobile"\n"Smith, ""Ann""","+44 7700 900123"\n', { column: "mobile" }],
  [
    "its name, behind a cell of several lines",
    'address,mobile\n"1 High St\n\nLondon",447700900123\n',
    { column: "mobile" },
  ],
])("of a CSV the column by %s", (_how, text, options) => {
  const list = listOf(text, options);
  expect({ numbers: [...list.numbers], faults: list.faults }).toEqual({ numbers: ["447700900123"], faults: [] });
});

test("a column that is not there is named with those that are", () => {
  expect(() => listOf("name,phone\nAnn,1\n", { column: "mobile" })).toThrow("no column mobile among name, phone");
  expect(() => listOf("name,phone\nAnn,1\n", { column: "3" })).toThrow("no column 3 among name, phone");
  expect(firstCells('"name, all";phone')).toEqual(["name, all", "phone"]);
});

test("what has more than a million entries without a number is no list", () => {
  const list = new NumberList();
  const line = "a ".repeat(1_000);
  for (let count = 0; count < 1_000; count++) list.add(line);
  expect(() => list.add("a")).toThrow("more than a million entries are no numbers");
  expect(faultsOf("x".repeat(1_000))).toEqual([expect.stringMatching(/^1: x{100}… is no mobile number/)]);
});

test("every fault is told with its line, and the rest is read", () => {
  const text = "447700900123\n\n07700900124\nAnn 447700900125\n12\n4.47701E+11\n447700900126.0";
  expect(numbersOf(text)).toEqual(["447700900123", "447700900125"]);
  expect(faultsOf(text)).toEqual([
    "3: 07700900124 is in national form, and no country is given",
    "4: Ann is no mobile number: 7 to 15 digits with the country's code",
    "5: 12 is no mobile number: 7 to 15 digits with the country's code",
    "6: 4.47701E+11 was made a decimal number by a spreadsheet; make the column text there",
    "7: 447700900126.0 was made a decimal number by a spreadsheet; make the column text there",
  ]);
  expect(faultsOf("name,mobile\nAnn,\nBob", { column: "mobile" })).toEqual(["2:  is empty", "3:  is empty"]);
});

test.each([1, 100])("a quote that does not end is a fault of its line, with %i lines behind it", (count) => {
  const column = { column: "mobile" };
  const others = Array.from({ length: count }, (_, index) => `447700900${100 + index},Bob`);
  const text = ["mobile,name", '447700900999,"Ann', ...others].join("\n");
  expect(faultsOf(text, column)).toEqual(['2: 447700900999,"Ann has a quote that does not end']);
  expect(numbersOf(text, column)).toHaveLength(count);
});

test.each([
  ["UTF-8", Buffer.from("\uFEFFÄ,1\r\nb\rc\n\nd")],
  ["UTF-16, least octet first", Buffer.from("\uFEFFÄ,1\r\nb\rc\n\nd", "utf16le")],
  ["UTF-16, most octet first", Buffer.from("\uFEFFÄ,1\r\nb\rc\n\nd", "utf16le").swap16()],
])("lines of %s are read wherever the file is cut", async (_name, bytes) => {
  const lines = ["Ä,1", "b", "c", "", "d"];
  for (let size = 2; size <= bytes.length; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    const read: string[] = [];
    for await (const some of linesOf(chunked(chunks))) read.push(...some);
    expect({ size, read }).toEqual({ size, read: lines });
  }
});

async function* chunked(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
