import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyCodePoint } from "../../test/support/chances.ts";
import { countSeptets, decodeGsm, decodeUcs2, encodeGsm, encodeUcs2, isGsm } from "./gsm.ts";

/** 3GPP TS 23.038 §6.2.1 and §6.2.1.1, written column by column from the tables: septet (escape included), character. */
const TABLE: readonly (readonly [hex: string, characters: string])[] = [
  ["00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f", "@£$¥èéùìòÇ\nØø\rÅå"],
  ["10 11 12 13 14 15 16 17 18 19 1a 1c 1d 1e 1f", "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ"],
  ["20 21 22 23 24 25 26 27 28 29 2a 2b 2c 2d 2e 2f", " !\"#¤%&'()*+,-./"],
  ["30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f", "0123456789:;<=>?"],
  ["40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f", "¡ABCDEFGHIJKLMNO"],
  ["50 51 52 53 54 55 56 57 58 59 5a 5b 5c 5d 5e 5f", "PQRSTUVWXYZÄÖÑÜ§"],
  ["60 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f", "¿abcdefghijklmno"],
  ["70 71 72 73 74 75 76 77 78 79 7a 7b 7c 7d 7e 7f", "pqrstuvwxyzäöñüà"],
  ["1b0a 1b14 1b28 1b29 1b2f 1b3c 1b3d 1b3e 1b40 1b65", "\f^{}\\[~]|€"],
];

const gsmCharacter = fc.constantFrom(...TABLE.flatMap(([, characters]) => [...characters]));
const gsmText = fc.string({ unit: gsmCharacter, maxLength: 400 });

describe("the GSM 7-bit alphabet", () => {
  test.each(TABLE)("has each character at its septet (%s)", (hex, characters) => {
    expect(encodeGsm(characters).toString("hex")).toBe(hex.replaceAll(" ", ""));
    expect(decodeGsm(Buffer.from(hex.replaceAll(" ", ""), "hex"))).toBe(characters);
  });

  test("has these 137 characters and no other", () => {
    const listed = new Set(TABLE.flatMap(([, characters]) => [...characters]));
    const found = new Set<string>();
    for (let unit = 0; unit <= 0xffff; unit++) {
      const character = String.fromCharCode(unit);
      if (isGsm(character)) found.add(character);
    }
    expect(found).toEqual(listed);
    expect(found.size).toBe(137);
  });

  test.each([
    "ç",
    "`",
    "\t",
    "Á",
    "\u2126" /* the ohm sign, not the Greek letter */,
    "–",
    "😀",
    "a\u0301",
    "\u001b",
    "\u0000",
  ])("does not have %j", (text) => {
    expect(isGsm(text)).toBe(false);
    expect(isGsm(`plain ${text}`)).toBe(false);
    expect(() => encodeGsm(text)).toThrow(RangeError);
  });

  test("reads back what it wrote, one octet a septet", () => {
    fc.assert(
      fc.property(gsmText, (text) => {
        const bytes = encodeGsm(text);
        expect(isGsm(text)).toBe(true);
        expect(bytes).toHaveLength(countSeptets(text));
        expect(decodeGsm(bytes)).toBe(text);
      }),
    );
  });

  test("reads an unknown extension as the default alphabet, and an escape of nothing as a space", () => {
    expect(decodeGsm(Uint8Array.of(0x1b, 0x41))).toBe("A");
    expect(decodeGsm(Uint8Array.of(0x1b, 0x1b, 0x41))).toBe(" A");
    expect(decodeGsm(Uint8Array.of(0x41, 0x1b))).toBe("A ");
  });

  test("reads any octets", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => isGsm(decodeGsm(bytes))));
  });
});

describe("UCS-2", () => {
  test("is big-endian UTF-16", () => {
    expect(encodeUcs2("é😀").toString("hex")).toBe("00e9d83dde00");
  });

  test("reads back what it wrote, and leaves the octets as they were", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCodePoint }), (text) => {
        const bytes = encodeUcs2(text);
        const before = Buffer.from(bytes);
        expect(decodeUcs2(bytes)).toBe(text);
        expect(bytes).toEqual(before);
      }),
    );
  });

  test("drops half a character at the end", () => {
    expect(decodeUcs2(Uint8Array.of(0x00, 0x41, 0x00))).toBe("A");
  });
});
