import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeGsm, encodeUcs2, isGsm } from "../message/gsm.ts";
import { decodeParts } from "./decode.ts";

const octets = (...bytes: number[]) => Buffer.from(bytes);

describe("a message from a handset is read by its data_coding", () => {
  test.each<[string, number, Buffer, string]>([
    ["GSM 7-bit, unpacked", 0x00, encodeGsm("Héllo @ €{}"), "Héllo @ €{}"],
    ["GSM 7-bit that is Latin-1 in truth", 0x00, Buffer.from("Prêt à porter", "latin1"), "Prêt à porter"],
    ["IA5", 0x01, Buffer.from("Hello @$", "latin1"), "Hello @$"],
    ["IA5 with line ends and a tab", 0x01, Buffer.from("a\tb\r\n@", "latin1"), "a\tb\r\n@"],
    ["GSM 7-bit that says IA5, by its escape", 0x01, encodeGsm("Gr {€}"), "Gr {€}"],
    ["GSM 7-bit that says IA5, by a letter", 0x01, encodeGsm("Hé @"), "Hé @"],
    ["Latin-1 that says IA5", 0x01, Buffer.from("Grüße", "latin1"), "Grüße"],
    ["binary", 0x02, octets(0x00, 0x7f, 0xff), "007FFF"],
    ["Latin-1", 0x03, Buffer.from("Grüße", "latin1"), "Grüße"],
    ["binary", 0x04, octets(0xde, 0xad), "DEAD"],
    ["JIS", 0x05, octets(0x93, 0xfa, 0x96, 0x7b), "日本"],
    ["Cyrillic", 0x06, octets(0xbf, 0xe0, 0xd8, 0xd2, 0xd5, 0xe2), "Привет"],
    ["Hebrew", 0x07, octets(0xf9, 0xec, 0xe5, 0xed), "שלום"],
    ["UCS-2", 0x08, encodeUcs2("Grüße 👋"), "Grüße 👋"],
    ["UCS-2 with a byte order mark", 0x08, octets(0xfe, 0xff, 0, 0x59, 0, 0x65, 0, 0x73), "Yes"],
    ["UCS-2, little-endian by its mark", 0x08, octets(0xff, 0xfe, 0x59, 0, 0x65, 0, 0x73, 0), "Yes"],
    ["UCS-2 that is a mark alone", 0x08, octets(0xfe, 0xff), ""],
    ["UCS-2 with half a character at its end", 0x08, octets(0x00, 0x41, 0x00), "A"],
    ["ISO-2022-JP", 0x0a, octets(0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42), "日"],
    ["Korean", 0x0e, octets(0xb0, 0xa1), "가"],
    ["GSM 7-bit with a message class", 0x10, encodeGsm("Hi"), "Hi"],
    ["UCS-2 with a message class", 0x18, encodeUcs2("Hé"), "Hé"],
    ["8-bit data with a message class", 0x14, octets(0x01), "01"],
    ["message waiting", 0xc8, encodeGsm("Hi"), "Hi"],
    ["message waiting in UCS-2", 0xe0, encodeUcs2("Hé"), "Hé"],
    ["message class, GSM 7-bit", 0xf1, encodeGsm("Hi"), "Hi"],
    ["message class, data", 0xf5, octets(0xab), "AB"],
    ["GSM 7-bit that says IA5, by the last letter of its alphabet", 0x01, encodeGsm("Voilà"), "Voilà"],
    ["IA5 with NULs at its end", 0x01, Buffer.from("STOP\0\0"), "STOP"],
    ["IA5 with a high octet and a control", 0x01, Buffer.from("\u00e9\u0005", "latin1"), "\u00e9\u0005"],
    ["UCS-2 that is little-endian and does not say so", 0x08, Buffer.from("5900", "hex"), "\u5900"],
    ["one that is reserved", 0x0f, Buffer.from("Hi"), "Hi"],
  ])("%s (0x%s)", (_what, dataCoding, bytes, text) => {
    expect(decodeParts([{ dataCoding, octets: bytes }])).toBe(text);
  });
});

test("characters that are cut by the edge of a part are whole again", () => {
  const wave = encodeUcs2("👋");
  expect(decodeParts([wave.subarray(0, 2), wave.subarray(2)].map((part) => ({ dataCoding: 8, octets: part })))).toBe(
    "👋",
  );
  const euro = encodeGsm("€");
  expect(decodeParts([euro.subarray(0, 1), euro.subarray(1)].map((part) => ({ dataCoding: 0, octets: part })))).toBe(
    "€",
  );
});

test("a byte order mark in each part is none of the text", () => {
  const parts = ["a👋", "b"].map((text) => ({ dataCoding: 8, octets: encodeUcs2(`\ufeff${text}`) }));
  expect(decodeParts(parts)).toBe("a👋b");
  const little = ["\ufeffa👋", "b"].map((text) => ({ dataCoding: 8, octets: Buffer.from(text, "utf16le") }));
  expect(decodeParts(little)).toBe("a👋b");
});

test("parts of different codings are each read in theirs", () => {
  const parts = [
    { dataCoding: 0, octets: encodeGsm("price: ") },
    { dataCoding: 8, octets: encodeUcs2("5 £…") },
  ];
  expect(decodeParts(parts)).toBe("price: 5 £…");
});

test("whatever comes, the text can be stored", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ dataCoding: fc.nat(255), octets: fc.uint8Array({ maxLength: 160 }) }), { maxLength: 4 }),
      (parts) => {
        const text = decodeParts(parts);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain("\0");
      },
    ),
  );
});

test("what is written in UCS-2, or in GSM where it fits, comes out as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (written) => {
      const text = written.toWellFormed().replaceAll("\0", "");
      expect(decodeParts([{ dataCoding: 8, octets: encodeUcs2(text) }])).toBe(text);
      if (isGsm(text)) expect(decodeParts([{ dataCoding: 0, octets: encodeGsm(text) }])).toBe(text);
    }),
  );
});
