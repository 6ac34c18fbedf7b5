import { describe, expect, test } from "vitest";
import { decodePdu, encodePdu, type Tlvs } from "../index.ts";

const STATE = [0x04, 0x27, 0, 1, 2];
const ID = [0x00, 0x1e, 0, 3, 0x37, 0x31, 0];
const octetsOf = (text: string) => [...Buffer.from(text, "latin1")];

/** The optional parameters of a data_sm whose body ends in these octets. */
function read(...octets: number[]): Tlvs {
  const head = encodePdu({ command: "data_sm" });
  const frame = Buffer.concat([head, Buffer.from(octets)]);
  frame.writeUInt32BE(frame.length, 0);
  return (decodePdu(frame) as { tlvs: Tlvs }).tlvs;
}

function deliver(length: number, ...octets: number[]) {
  const head = encodePdu({ command: "deliver_sm" });
  const frame = Buffer.concat([head.subarray(0, -1), Buffer.from([length, ...octets])]);
  frame.writeUInt32BE(frame.length, 0);
  return decodePdu(frame);
}

describe("of a data_sm, what is whole is read", () => {
  test("where the last TLV is cut", () => {
    expect(read(...STATE, 0x14, 0x01, 0, 0x20, 0x61, 0x62)).toEqual({ message_state: 2, dropped: 6 });
    expect(read(...STATE, 0x14, 0x01, 0)).toEqual({ message_state: 2, dropped: 3 });
    expect(read(...ID, 0x04, 0x27, 0)).toEqual({ receipted_message_id: "71", dropped: 3 });
    expect(read(...ID, 0x14)).toEqual({ receipted_message_id: "71", dropped: 1 });
  });

  test("and none of a TLV that is cut", () => {
    expect(read(0x00, 0x1e, 0, 9, 0x61, 0x62, 0x63)).toEqual({ dropped: 7 });
  });

  test("but a text that is cut is refused", () => {
    expect(() => read(0x04, 0x24, 0, 9, 0x61)).toThrow(/TLV 0x0424 says 9 octets, 1 are left/);
  });
});

describe("a length of a TLV that is wrong by one is put right", () => {
  test.each<[string, number[], object]>([
    ["an identifier's, one too few", [0x00, 0x1e, 0, 2, 0x37, 0x31, 0x39, ...STATE], { receipted_message_id: "719" }],
    [
      "an identifier's that counts a NUL which is not there",
      [0x00, 0x1e, 0, 3, 0x37, 0x31, ...STATE],
      { receipted_message_id: "71" },
    ],
    [
      "a text's, one too few",
      [0x04, 0x24, 0, 4, ...octetsOf("hello"), ...STATE],
      { message_payload: Buffer.from("hello") },
    ],
    [
      "a text's, one too many",
      [0x04, 0x24, 0, 6, ...octetsOf("hello"), ...STATE],
      { message_payload: Buffer.from("hello") },
    ],
  ])("%s", (_what, octets, tlvs) => {
    expect(read(...octets)).toEqual({ ...tlvs, message_state: 2 });
  });

  test("also where a character is all that is left behind a text, which is doubtful then", () => {
    expect(read(...STATE, 0x04, 0x24, 0, 4, ...octetsOf("hello"))).toEqual({
      message_payload: Buffer.from("hello"),
      message_state: 2,
      textDoubtful: true,
    });
  });
});

describe("NULs that no length counts are skipped", () => {
  test.each<[string, number[], object]>([
    ["behind an identifier", [0x00, 0x1e, 0, 2, 0x37, 0x31, 0, ...STATE], { dropped: 1 }],
    ["two of them", [0x00, 0x1e, 0, 2, 0x37, 0x31, 0, 0, ...STATE], { dropped: 2 }],
    ["before the first", [0, 0, ...ID, ...STATE], { dropped: 2 }],
    ["behind the last too", [0x00, 0x1e, 0, 2, 0x37, 0x31, 0, ...STATE, 0, 0], { dropped: 3 }],
  ])("%s", (_what, octets, dropped) => {
    expect(read(...octets)).toEqual({ receipted_message_id: "71", message_state: 2, ...dropped });
  });
});

test("NULs that read as the head of a TLV hide none", () => {
  // With them the rest is one TLV of the tag 0 and 30 octets.
  const operator = [0x14, 0x01, 0, 20, ...octetsOf("twenty octets of text")].slice(0, 24);
  expect(read(0, 0, ...ID, ...operator, 0)).toMatchObject({ receipted_message_id: "71", dropped: 3 });
  expect(read(0, 0, 0, 2, 7, 7)).toEqual({ raw: [{ tag: 0, value: Buffer.from([7, 7]) }] });
});

describe("what may be cut", () => {
  test("is no identifier", () => {
    expect(read(...STATE, 0x00, 0x1e, 0, 2, ...octetsOf("719"))).toEqual({ message_state: 2, dropped: 7 });
    expect(read(0x00, 0x1e, 0, 2, ...octetsOf("719 is what it is"))).toEqual({ dropped: 21 });
    expect(read(...STATE, 0x00, 0x1e, 0, 2, ...octetsOf("71937"))).toEqual({ message_state: 2, dropped: 9 });
  });

  test("is no identifier where an octet of it may be lost", () => {
    expect(read(0x00, 0x1e, 0, 4, 0x37, 0x31, 0, ...STATE)).toEqual({ dropped: 12 });
  });

  test("is a text that is doubtful", () => {
    expect(read(0x04, 0x24, 0, 4, ...octetsOf("hello you"))).toEqual({
      message_payload: Buffer.from("hell"),
      textDoubtful: true,
      dropped: 5,
    });
    expect(deliver(4, ...octetsOf("hello you"))).toMatchObject({
      short_message: Buffer.from("hell"),
      tlvs: { textDoubtful: true, dropped: 5 },
    });
  });

  test("is not what stands twice", () => {
    const twice = [...ID, 0x00, 0x1e, 0, 2, 0x38, 0x38, 0x39, 0x39, 0x39];
    expect(read(...twice)).toEqual({
      receipted_message_id: "71",
      raw: [{ tag: 0x1e, value: Buffer.from("88") }],
      dropped: 3,
    });
  });
});

describe("of a deliver_sm whose sm_length is wrong by one", () => {
  const text = octetsOf("hello");
  test.each<[string, number, number[], string, object]>([
    ["a NUL that is not counted", 5, [...text, 0, ...STATE], "hello", { message_state: 2 }],
    ["two NULs that are not counted", 5, [...text, 0, 0, ...ID, ...STATE], "hello", { message_state: 2, dropped: 2 }],
    ["one too few", 4, [...text, ...STATE], "hello", { message_state: 2 }],
    ["one too few and nothing else", 4, [...text], "hello", { textDoubtful: true }],
    ["one too many", 6, [...text, ...STATE], "hello", { message_state: 2 }],
    ["right, and a TLV cut", 5, [...text, ...STATE, 0x14, 0x01, 0, 9], "hello", { message_state: 2, dropped: 4 }],
    ["right, and the first TLV cut", 5, [...text, 0x14, 0x01, 0, 9], "hello", { dropped: 4 }],
    ["right, and an octet of a TLV", 5, [...text, 0x04], "hello", { dropped: 1 }],
    ["doubtful, and junk", 5, [...text, 0x61, 0x62, 0x63], "hello", { dropped: 3, textDoubtful: true }],
  ])("%s", (_what, length, octets, short_message, tlvs) => {
    expect(deliver(length, ...octets)).toMatchObject({ short_message: Buffer.from(short_message), tlvs });
  });

  test.each([6, 7])("it is refused where nothing behind the text shows its end", (length) => {
    expect(() => deliver(length, ...text)).toThrow(`sm_length says ${length} octets, 5 are left`);
  });
});
