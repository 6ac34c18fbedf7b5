import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asItIs, inHeader, inJson, inUrl, inXml, render, variablesOf } from "./template.ts";

const text = fc.string({
  unit: fc.oneof(fc.constantFrom(..."\r\n\t\0\"'\\&<>=?#%{}:+ é👋"), fc.string({ unit: "binary", maxLength: 1 })),
});
const wellFormed = text.filter((one) => one.isWellFormed());
const of = (value: string) => () => value;

describe("whatever a value holds", () => {
  test("it is one string of a JSON body", () => {
    fc.assert(
      fc.property(wellFormed, (value) => {
        expect(JSON.parse(render('{"a": "{text}", "b": 1}', of(value), inJson))).toEqual({ a: value, b: 1 });
      }),
    );
  });

  test("it is one value of a form or a query, and one step of a path", () => {
    fc.assert(
      fc.property(wellFormed, (value) => {
        const form = new URLSearchParams(render("a={text}&b=1", of(value), inUrl));
        expect([...form]).toEqual([
          ["a", value],
          ["b", "1"],
        ]);
        const url = new URL(render("https://host.example/x/a{text}?q={text}", of(value), inUrl));
        expect({ host: url.host, segments: url.pathname.split("/").length, hash: url.hash }).toEqual({
          host: "host.example",
          segments: 3,
          hash: "",
        });
        expect(url.searchParams.get("q")).toBe(value);
      }),
    );
  });

  test("it is one header's value, of printable ASCII", () => {
    fc.assert(
      fc.property(wellFormed, (value) => {
        expect(render("x {text}", of(value), inHeader)).toMatch(/^[ -~]*$/);
      }),
    );
  });

  test("it is no mark of XML", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(render("{text}", of(value), inXml)).toMatch(/^(?:[^&<>"'\0]|&#\d+;)*$/);
      }),
    );
  });
});

test("a value is not looked at for variables, and a bound holds a number", () => {
  expect(render("{text}", of("{to}"), asItIs)).toBe("{to}");
  const values = (name: string, within: (value: number) => number) => (name === "validity" ? String(within(90)) : "");
  expect(render("{validity} {validity:100:200} {validity:1:60} {validity:1:100}", values, asItIs)).toBe("90 100 60 90");
  expect(variablesOf('{"a": "{to}", "b": {validity:1:60}, "c": "{credentials.api-key}"}')).toEqual([
    "to",
    "validity",
    "credentials.api-key",
  ]);
});
