import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeGsm, ESCAPE, isGsm } from "./gsm.ts";
import { NATIONAL_LANGUAGES, type NationalLanguage, nationalTables } from "./national-languages.ts";
import { countParts, segment } from "./segment.ts";
import { fewestParts, type Shift, shiftedParts, shiftOf } from "./shift.ts";

/** Characters of a language beyond the GSM alphabet, and all that it can write. */
const letters = Object.fromEntries(
  NATIONAL_LANGUAGES.map((language, index) => {
    const { alphabet, extension } = nationalTables(index + 1, index + 1);
    const all = [...new Set([...alphabet, ...extension.values()])];
    return [language, { all, own: all.filter((character) => !isGsm(character)) }];
  }),
) as Record<NationalLanguage, { all: string[]; own: string[] }>;

const language = fc.constantFrom(...NATIONAL_LANGUAGES);
/** A language, and a text of one to some ten parts that it can write. */
const written = language.chain((name) => {
  const { all, own } = letters[name];
  const unit = fc.oneof(fc.constantFrom(...own), fc.constantFrom(...all), fc.constantFrom(..." abc€[]"));
  const runs = fc.array(fc.tuple(unit, fc.integer({ min: 1, max: 9 })), { minLength: 8, maxLength: 200, size: "max" });
  return runs.map((of) => ({ name, text: of.map(([character, times]) => character.repeat(times)).join("") }));
});

function ucs2Parts(text: string): number {
  return countParts(text);
}

function read({ single, locking }: Shift, parts: readonly Uint8Array[]): string {
  return parts.map((part) => decodeGsm(part, nationalTables(single, locking))).join("");
}

describe.each(NATIONAL_LANGUAGES)("%s", (name) => {
  test("every character that it has is read as it was written, with each of its tables", () => {
    const text = letters[name].all.join("");
    const shifts = new Set<string>();
    for (let parts = 1; parts < 12; parts++) {
      const shift = shiftOf(text.repeat(3), [name], parts);
      if (shift === null) continue;
      shifts.add(`${shift.single} ${shift.locking}`);
      expect(read(shift, shiftedParts(text.repeat(3), shift, "udh8"))).toBe(text.repeat(3));
    }
    expect(shifts.size).toBeGreaterThan(0);
  });

  test("a long text of its own letters takes fewer parts than UCS-2", () => {
    // Of a single shift table alone each takes two septets, in place of sixteen bits.
    const text = `${letters[name].own.slice(0, 20).join("")}abc `.repeat(20);
    expect(countParts(text, [name])).toBeLessThan(ucs2Parts(text));
  });
});

describe("a text that a language can write", () => {
  test("is never in more parts than in UCS-2, and is put together again as it was", () => {
    fc.assert(
      fc.property(written, fc.constantFrom("udh8", "udh16"), ({ name, text }, header) => {
        const most = ucs2Parts(text);
        const parts = countParts(text, [name]);
        expect(parts).toBeLessThanOrEqual(most);
        const found = fewestParts(text, [name], most);
        expect(parts).toBe(found?.parts ?? most);
        if (found === null || isGsm(text)) return;
        const sent = shiftedParts(text, found.shift, header as "udh8" | "udh16");
        if (header === "udh8") expect(sent).toHaveLength(parts);
        expect(read(found.shift, sent)).toBe(text);
        const concatenation = sent.length === 1 ? 0 : header === "udh8" ? 5 : 6;
        const headerSeptets = Math.ceil(((1 + found.shift.elements.length + concatenation) * 8) / 7);
        for (const part of sent) {
          expect(headerSeptets + part.length).toBeLessThanOrEqual(160);
          // An escape in the last place would escape nothing.
          expect(part.at(-1)).not.toBe(ESCAPE);
        }
      }),
    );
  });

  test("is written as it was counted, also where the carrier knows more languages", () => {
    fc.assert(
      fc.property(written, fc.shuffledSubarray([...NATIONAL_LANGUAGES]), ({ name, text }, more) => {
        const found = fewestParts(text, [name], ucs2Parts(text));
        if (found === null) return;
        const shift = shiftOf(text, [...more, name], found.parts) as Shift;
        expect(shiftedParts(text, shift, "udh8")).toHaveLength(found.parts);
      }),
    );
  });

  test("is the same in parts however the languages are ordered", () => {
    fc.assert(
      fc.property(written, fc.shuffledSubarray([...NATIONAL_LANGUAGES]), ({ text }, some) => {
        expect(countParts(text, some)).toBe(countParts(text, [...some].reverse()));
      }),
    );
  });
});

const TURKISH = "ş".repeat(30) + "x".repeat(70);

test.each<[string, NationalLanguage[], number, object | null]>([
  ["of letters of the single shift table", ["turkish"], 2, { single: 1, locking: 0, parts: 1 }],
  ["that the language does not have", ["spanish"], 2, null],
  ["that none is allowed for", [], 2, null],
  ["that is one part without", ["turkish"], 1, null],
])("100 characters %s", (_, languages, fewerThan, expected) => {
  const found = fewestParts(TURKISH, languages, fewerThan);
  expect(found === null ? null : { ...found.shift, parts: found.parts }).toEqual(
    expected && expect.objectContaining(expected),
  );
});

test("what each header takes is counted: 155 and 149 septets beside one table's, 152 and 146 beside two", () => {
  const parts = (text: string) => fewestParts(text, ["turkish"], 100);
  // ş is in both tables: in one septet with the locking shift, in two with the single shift.
  expect(parts(`ş${"x".repeat(153)}`)).toMatchObject({ parts: 1, shift: { single: 1, locking: 0 } });
  expect(parts(`ş${"x".repeat(154)}`)).toMatchObject({ parts: 1, shift: { single: 0, locking: 1 } });
  expect(parts(`ş${"x".repeat(155)}`)).toMatchObject({ parts: 2 });
  expect(parts("ş".repeat(298))).toMatchObject({ parts: 2, shift: { single: 0, locking: 1 } });
  expect(parts("ş".repeat(299))).toMatchObject({ parts: 3 });
  // Latin capitals of Hindi are in its single shift table alone, its letters in the locking shift table.
  const hindi = (text: string) => fewestParts(text, ["hindi"], 100);
  expect(hindi(`A${"क".repeat(150)}`)).toMatchObject({ parts: 1, shift: { single: 6, locking: 6 } });
  expect(hindi(`A${"क".repeat(151)}`)).toMatchObject({ parts: 2 });
  expect(hindi(`A${"क".repeat(290)}`)).toMatchObject({ parts: 2 });
  expect(hindi(`A${"क".repeat(291)}`)).toMatchObject({ parts: 3 });
});

test("GSM text is counted without a look at the tables, and sent as ever", () => {
  const text = "ç€".replace("ç", "Ç").repeat(100);
  expect(countParts(text, [...NATIONAL_LANGUAGES])).toBe(segment(text).parts.length);
});

test("a text of more parts than can be numbered is not looked at", () => {
  const text = "ş".repeat(50_000);
  expect(countParts(text, ["turkish"])).toBe(countParts(text));
});
