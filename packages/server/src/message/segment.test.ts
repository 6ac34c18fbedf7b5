import fc from "fast-check";
import { SegmentedMessage } from "sms-segments-calculator";
import { describe, expect, test } from "vitest";
import { anyCodePoint, chances, QUICK } from "../../test/support/chances.ts";
import { clusterEnd } from "./grapheme.ts";
import { decodeGsm, decodeUcs2, isGsm } from "./gsm.ts";
import { countParts, dataCoding, type Segments, segment, segment16 } from "./segment.ts";

/** The package, asked as its documentation says: encoding found by itself, its smart encoding off. */
function counted(text: string): number {
  return new SegmentedMessage(text, "auto", false).segmentsCount;
}

function clusters(text: string): string[] {
  const found: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = clusterEnd(text, start, text.length);
    found.push(text.slice(start, end));
    start = end;
  }
  return found;
}

function joined({ encoding, parts }: Segments): string {
  return parts.map((part) => (encoding === "gsm7" ? decodeGsm(part) : decodeUcs2(part))).join("");
}

const gsm = fc.constantFrom(..."@£$¥èé Δ_ΦΓ\n\rÅ0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJÄÖÑ€[]{}^~|\\\f");
/** Code points at which the grapheme rules turn: one or more of every class of Unicode 10.0, and what borders on them. */
const turning = fc.constantFrom(
  ..."ab \r\n\u00ad\u0301\u0308\u200b\u200c\u200d\ufe0f\u0600\u0d4e\u0903\u093f\u0e33ᄀ각가ᅡᆨ한\u{1f1e6}\u{1f1ff}",
  ..."👦👩🧒✋🏃💪🏻🏿❤♀✈🌈🍳☠🏴😀漢語яё\u{e0067}\u{e007f}\u{e0100}\u{110bd}",
);
const anyCharacter = fc.oneof(
  { weight: 4, arbitrary: turning },
  { weight: 2, arbitrary: gsm },
  { weight: 1, arbitrary: fc.string({ unit: anyCodePoint, minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }) },
);
/** Long enough for several parts, with runs that bring any character to any edge. */
function longText(unit: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .array(fc.tuple(unit, fc.integer({ min: 1, max: 12 })), { maxLength: 90, size: "max" })
    .map((runs) => runs.map(([character, times]) => character.repeat(times)).join(""));
}

describe("parts are counted as sms-segments-calculator counts them", () => {
  test.each([
    ["", 1],
    ["hello", 1],
    ["a".repeat(160), 1],
    ["a".repeat(161), 2],
    ["a".repeat(306), 2],
    ["a".repeat(307), 3],
    ["€".repeat(80), 1],
    [`${"€".repeat(80)}a`, 2],
    [`${"a".repeat(152)}€${"a".repeat(151)}`, 2],
    [`${"a".repeat(152)}€${"a".repeat(150)}€`, 3],
    [`${"a".repeat(159)}\r\n`, 2],
    ["я".repeat(70), 1],
    ["я".repeat(71), 2],
    ["я".repeat(134), 2],
    ["я".repeat(135), 3],
    ["😀".repeat(35), 1],
    ["😀".repeat(66), 2],
    ["😀".repeat(67), 3],
    [`${"я".repeat(66)}😀${"я".repeat(66)}`, 3],
    [`${"я".repeat(60)}👨‍👩‍👧‍👦${"я".repeat(60)}`, 3],
    [`${"я".repeat(65)}🇫🇷${"я".repeat(20)}`, 2],
    [`${"я".repeat(66)}e\u0301${"я".repeat(20)}`, 2],
    [`${"a".repeat(100)}😀`, 2],
  ])("%#: %j is %i", (text, parts) => {
    expect(counted(text)).toBe(parts);
    expect(countParts(text)).toBe(parts);
  });

  test("over random GSM texts", () => {
    fc.assert(
      fc.property(longText(gsm), (text) => {
        expect(countParts(text)).toBe(counted(text));
      }),
      { numRuns: chances(300) },
    );
  });

  test("over random Unicode, where no cluster is longer than 32 code units", () => {
    fc.assert(
      fc.property(longText(anyCharacter), (text) => {
        fc.pre(clusters(text).every((cluster) => cluster.length <= 32));
        expect(countParts(text)).toBe(counted(text));
      }),
      { numRuns: chances(1000) },
    );
  });

  test("with the same clusters, whatever their length", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 60, size: "max" }), (text) => {
        expect(clusters(text)).toEqual(new SegmentedMessage(text).graphemes);
      }),
      { numRuns: chances(2000) },
    );
  });

  test("with every code point in its class", () => {
    // Joined to what stands before it, or to what comes after: enough to tell the classes apart.
    const probes = ["a", "\u200d", "\u{1f466}", "\u{1f1e6}", "ᄀ", "가", "각"];
    for (let first = 0; first < 0x20000; first += QUICK ? 64 * 16 : 64) {
      let text = "";
      for (let codePoint = first; codePoint < first + 64; codePoint++) {
        const character = String.fromCodePoint(codePoint);
        text += `a${character}a${character}\u{1f3fb}${probes[codePoint % probes.length]}${character}ᆨ`;
      }
      expect(clusters(text)).toEqual(new SegmentedMessage(text).graphemes);
    }
  });
});

describe("where the package would overfill a part, the parts that can be sent are counted", () => {
  test.each([
    [
      "a cluster longer than a part: the package puts its 1,001 code units into one",
      `e${"\u0301".repeat(1000)}`,
      2,
      15,
    ],
    ["three clusters of 35: the package puts two into the second part", `e${"\u0301".repeat(34)}`.repeat(3), 2, 3],
  ])("%s", (_, text, packages, ours) => {
    expect(counted(text)).toBe(packages);
    expect(countParts(text)).toBe(ours);
    expect(joined(segment(text))).toBe(text);
  });
});

describe("the parts", () => {
  test("are GSM where every character is, else UCS-2", () => {
    expect(segment("price: 5€")).toEqual({ encoding: "gsm7", parts: [Buffer.from("price: 5\x1be", "latin1")] });
    expect(segment("é`")).toEqual({ encoding: "ucs2", parts: [Buffer.from("00e90060", "hex")] });
    expect(dataCoding("gsm7")).toBe(0);
    expect(dataCoding("ucs2")).toBe(8);
  });

  test.each([
    ["an escape from what it escapes", `${"a".repeat(152)}€${"a".repeat(20)}`, [152, 22]],
    ["a surrogate from its other half", `${"я".repeat(66)}😀${"я".repeat(20)}`, [132, 44]],
    ["a flag", `${"я".repeat(65)}🇫🇷${"я".repeat(20)}`, [130, 48]],
  ])("never take %s", (_, text, octets) => {
    expect(segment(text).parts.map((part) => part.length)).toEqual(octets);
  });

  test("have room for a 16-bit reference when asked", () => {
    expect(segment("a".repeat(306)).parts).toHaveLength(2);
    expect(segment16("a".repeat(306)).parts.map((part) => part.length)).toEqual([152, 152, 2]);
    expect(segment16("я".repeat(133)).parts.map((part) => part.length)).toEqual([132, 132, 2]);
    expect(segment16("a".repeat(160)).parts).toHaveLength(1);
  });

  const anyText = fc.oneof(
    longText(gsm),
    longText(anyCharacter),
    fc.string({ unit: anyCodePoint, maxLength: 300, size: "max" }),
  );

  test("put together are the text, fit with their header into 140 octets, and are as many as counted", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const short = segment(text);
        const wide = segment16(text);
        expect(joined(short)).toBe(text);
        expect(joined(wide)).toBe(text);
        expect(short.encoding).toBe(isGsm(text) ? "gsm7" : "ucs2");
        expect(short.parts).toHaveLength(countParts(text));
        for (const [{ encoding, parts }, header] of [[short, 6] as const, [wide, 7] as const]) {
          for (const part of parts) {
            const octets = encoding === "gsm7" ? Math.ceil((part.length * 7) / 8) : part.length;
            expect(octets + (parts.length > 1 ? header : 0)).toBeLessThanOrEqual(140);
            // No part ends in an escape or in the first half of a pair.
            if (encoding === "gsm7") expect(part.at(-1)).not.toBe(0x1b);
            else expect(decodeUcs2(part).isWellFormed()).toBe(true);
          }
        }
      }),
      { numRuns: chances(500) },
    );
  });

  test("of a hostile text (a cluster of a million marks) are counted and put together all the same", () => {
    const text = `e${"\u0301".repeat(1_000_000)}`;
    expect(countParts(text)).toBe(Math.ceil(text.length / 67));
    expect(joined(segment(text))).toBe(text);
  });
});
