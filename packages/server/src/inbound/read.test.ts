import { concatenationUdh8, concatenationUdh16 } from "@messaging-plus/smpp";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../carriers/carrier.ts";
import { OPT_IN_WORDS, OPT_OUT_WORDS } from "../config/config.ts";
import { decodeParts } from "./decode.ts";
import { optOutWords } from "./opt-out-words.ts";
import { readInbound } from "./read.ts";

const asks = optOutWords({ stop: OPT_OUT_WORDS, start: OPT_IN_WORDS });
const delivery = (fields: Partial<Delivery>): Delivery => ({
  source: "447700900123",
  destination: "447700900001",
  esmClass: 0,
  dataCoding: 0,
  body: Buffer.from("Hello"),
  tlvs: {},
  ...fields,
});
const addresses = { handset: "447700900123", number: "447700900001" };
const withUdh = (header: Buffer) => delivery({ esmClass: 0x40, body: Buffer.concat([header, Buffer.from("Hello")]) });

describe("a message from a handset", () => {
  test.each(["+447700900123", "00447700900123", "447700900123"])("from %s", (source) => {
    expect(readInbound(delivery({ source }))).toMatchObject({ ...addresses, part: null });
  });

  test.each(["", "MyBank", "44770090012345678", "+"])("from %j is nobody's to answer", (source) => {
    expect(readInbound(delivery({ source }))).toBeNull();
    expect(readInbound(delivery({ destination: source }))).toBeNull();
  });

  test.each<[string, Delivery, object]>([
    ["an 8-bit reference", withUdh(concatenationUdh8(7, 3, 2)), { kind: 8, reference: 7, total: 3, sequence: 2 }],
    ["a 16-bit reference", withUdh(concatenationUdh16(777, 3, 1)), { kind: 16, reference: 777, total: 3, sequence: 1 }],
    [
      "SAR TLVs",
      delivery({ tlvs: { sar_msg_ref_num: 7, sar_total_segments: 2, sar_segment_seqnum: 2 } }),
      { kind: 0, reference: 7, total: 2, sequence: 2 },
    ],
  ])("is a part by %s", (_what, pdu, expected) => {
    const read = readInbound(pdu);
    expect(read?.part).toEqual({ ...addresses, ...expected });
    expect(Buffer.from(read!.octets).toString()).toBe("Hello");
  });

  test.each<[string, Delivery]>([
    ["part 3 of 2", withUdh(concatenationUdh8(7, 2, 3))],
    ["part 0", withUdh(concatenationUdh8(7, 2, 0))],
    ["the only part", withUdh(concatenationUdh8(7, 1, 1))],
    ["SAR part 3 of 2", delivery({ tlvs: { sar_msg_ref_num: 7, sar_total_segments: 2, sar_segment_seqnum: 3 } })],
    ["SAR without a total", delivery({ tlvs: { sar_msg_ref_num: 7, sar_segment_seqnum: 1 } })],
    ["another header", withUdh(Buffer.from([4, 0x05, 2, 0x0b, 0x84]))],
  ])("is whole as %s", (_what, pdu) => {
    const read = readInbound(pdu);
    expect(read?.part).toBeNull();
    expect(Buffer.from(read!.octets).toString()).toBe("Hello");
  });

  test("that may be cut is not passed on as whole, and keeps its words", () => {
    const read = readInbound(delivery({ bodyDoubtful: true, body: Buffer.from("Stop") }));
    expect(decodeParts([read!])).toBe("Stop[…]");
    const ucs2 = readInbound(delivery({ bodyDoubtful: true, dataCoding: 8, body: Buffer.from("04340430", "hex") }));
    expect(decodeParts([ucs2!])).toBe("да[…]");
    expect(asks(decodeParts([read!]))).toBe("stop");
  });

  test("with a header that does not add up keeps all its octets", () => {
    const body = Buffer.from([0x7f, 0x41]);
    expect(readInbound(delivery({ esmClass: 0x40, body }))).toMatchObject({ part: null, octets: body });
  });
});

describe("a text in a national language", () => {
  const readText = (dataCoding: number, hex: string) =>
    decodeParts([
      readInbound(delivery({ esmClass: 0x40, dataCoding, body: Buffer.from(hex.replaceAll(" ", ""), "hex") }))!,
    ]);

  test.each<[string, number, string, string]>([
    ["by single shift", 0x00, "03 24 01 01 1b 53 1b 69", "Şı"],
    ["by locking shift", 0x00, "03 25 01 01 1c 07", "Şı"],
    ["by both", 0x00, "06 25 01 06 24 01 06 2a 3d 1b 1c", "\u0925\u092a\u0966"],
    ["with a message class", 0xf1, "03 24 01 01 1b 53", "Ş"],
    ["that says IA5", 0x01, "03 24 01 01 1b 53", "Ş"],
    ["of which the last element counts", 0x00, "06 24 01 02 24 01 01 1b 53", "Ş"],
    ["that is reserved", 0x00, "03 24 01 0e 1b 53 1b 65", "S€"],
    ["in an element of another length", 0x00, "04 24 02 01 01 1b 53", "S"],
    ["in UCS-2, which has no need of it", 0x08, "03 24 01 01 01 5e", "Ş"],
    ["in octets that are no septets", 0x00, "03 24 01 01 e9", "é"],
  ])("%s", (_what, dataCoding, hex, text) => {
    expect(readText(dataCoding, hex)).toBe(text);
  });

  test("is read in each part by its own header", () => {
    const parts = ["08 00 03 07 02 01 24 01 01 1b 53", "08 00 03 07 02 02 25 01 03 7d"].map(
      (hex) => readInbound(delivery({ esmClass: 0x40, body: Buffer.from(hex.replaceAll(" ", ""), "hex") }))!,
    );
    expect(parts.map(({ part }) => part?.sequence)).toEqual([1, 2]);
    expect(decodeParts(parts)).toBe("Ş`");
  });
});
