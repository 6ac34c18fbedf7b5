import { describe, expect, test } from "vitest";
import { decodePdu } from "./decode.ts";
import { encodePdu } from "./encode.ts";
import { type Tlvs, tlvName, tlvTag } from "./tlv.ts";

/** The TLVs of a data_sm that ends in these octets. */
function read(...octets: number[]): Tlvs {
  const frame = Buffer.concat([encodePdu({ command: "data_sm" }), Buffer.from(octets)]);
  frame.writeUInt32BE(frame.length, 0);
  const pdu = decodePdu(frame);
  if (pdu.command !== "data_sm") throw new Error(pdu.command);
  return pdu.tlvs;
}

describe("a TLV string", () => {
  test("ends with its NUL", () => {
    expect(read(0x00, 0x1e, 0, 4, 0x61, 0x62, 0x63, 0)).toEqual({ receipted_message_id: "abc" });
  });
  test("ends with the TLV where it has none", () => {
    expect(read(0x00, 0x1e, 0, 3, 0x61, 0x62, 0x63)).toEqual({ receipted_message_id: "abc" });
    expect(read(0x00, 0x1e, 0, 0)).toEqual({ receipted_message_id: "" });
  });
});

describe("a TLV is kept raw", () => {
  test("where nobody knows it", () => {
    expect(read(0x14, 0x01, 0, 2, 1, 2)).toEqual({ raw: [{ tag: 0x1401, value: Buffer.from([1, 2]) }] });
  });
  test.each(Object.entries(tlvTag))("where %s has a size that its type has not", (name, tag) => {
    const tlvs = read(tag >> 8, tag & 0xff, 0, 5, 1, 2, 3, 4, 5);
    const hasAnySize = Buffer.isBuffer(tlvs[name as keyof Tlvs]) || Array.isArray(tlvs[name as keyof Tlvs]);
    if (typeof tlvs[name as keyof Tlvs] === "string" || hasAnySize) return;
    expect(tlvs).toEqual({ raw: [{ tag, value: Buffer.from([1, 2, 3, 4, 5]) }] });
  });
  test("where it comes again", () => {
    expect(read(0x04, 0x27, 0, 1, 2, 0x04, 0x27, 0, 1, 5)).toEqual({
      message_state: 2,
      raw: [{ tag: 0x0427, value: Buffer.from([5]) }],
    });
  });
});

test("callback numbers may come several times", () => {
  expect(read(0x03, 0x81, 0, 1, 7, 0x03, 0x02, 0, 1, 1, 0x03, 0x81, 0, 1, 8, 0x03, 0x02, 0, 1, 2)).toEqual({
    callback_num: [Buffer.from([7]), Buffer.from([8])],
    callback_num_pres_ind: [1, 2],
  });
});

test.each([
  ["an identifier without its NUL", [0x61, 0x62], "ab"],
  ["no identifier at all", [], ""],
])("a submit_sm_resp of status 0 with %s is a yes", (_what, octets, message_id) => {
  const frame = Buffer.alloc(16 + octets.length);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(0x8000_0004, 4);
  frame.set(octets, 16);
  expect(decodePdu(frame)).toMatchObject({ command: "submit_sm_resp", command_status: 0, message_id });
});

test("up to three NULs at the end are padding", () => {
  expect(read(0x04, 0x27, 0, 1, 2, 0, 0, 0)).toEqual({ message_state: 2 });
});

test("raw TLVs are written as they are", () => {
  const raw = [{ tag: 0x1401, value: Buffer.from("x") }];
  expect(decodePdu(encodePdu({ command: "submit_sm", tlvs: { raw } }))).toMatchObject({ tlvs: { raw } });
});

test("tags and names belong together", () => {
  for (const [name, tag] of Object.entries(tlvTag)) expect(tlvName(tag)).toBe(name);
  expect(Object.keys(tlvTag)).toHaveLength(44);
  expect(tlvName(0x1401)).toBeUndefined();
});
