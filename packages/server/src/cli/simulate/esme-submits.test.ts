import { readConcatenation, readUserData } from "@messaging-plus/smpp";
import { describe, expect, test } from "vitest";
import type { EsmeMessages } from "./esme-options.ts";
import { submitsOf } from "./esme-submits.ts";

const messages: EsmeMessages = {
  from: "MyShop",
  to: ["447700900001", "447700900002"],
  texts: ["One {n}", "Two {n}"],
  count: 3,
  dataCoding: "auto",
  alphabet: "gsm",
  long: "udh8",
  registeredDelivery: 1,
};
const submits = (fields: Partial<EsmeMessages> = {}) => [...submitsOf({ ...messages, ...fields })];

test("numbers and texts come in turn, with the message's number", () => {
  expect(submits().map(({ destination_addr, short_message }) => [destination_addr, `${short_message}`])).toEqual([
    ["447700900001", "One 1"],
    ["447700900002", "Two 2"],
    ["447700900001", "One 3"],
  ]);
  expect(submits()[0]).toMatchObject({ source_addr: "MyShop", source_addr_ton: 5, registered_delivery: 1 });
  expect(submits({ from: "447700900999" })[0]).toMatchObject({ source_addr_ton: 1, source_addr_npi: 1 });
});

test.each<[string, Partial<EsmeMessages>, number, string]>([
  ["é€", {}, 0, "051b65"],
  ["Я", {}, 8, "042f"],
  ["é", { alphabet: "latin1" }, 0, "e9"],
  ["é", { dataCoding: "0" }, 0, "05"],
  ["e", { dataCoding: "1" }, 1, "65"],
  ["é", { dataCoding: "3" }, 3, "e9"],
  ["e", { dataCoding: "8" }, 8, "0065"],
])("%s with %j", (text, fields, data_coding, octets) => {
  const [submit] = submits({ texts: [text], count: 1, ...fields });
  expect({ data_coding: submit?.data_coding, octets: submit?.short_message?.toString("hex") }).toEqual({
    data_coding,
    octets,
  });
});

test("a text that its data_coding cannot write is a fault", () => {
  for (const [text, dataCoding] of [
    ["Я", "0"],
    ["é", "1"],
    ["€", "3"],
  ] as const) {
    expect(() => submits({ texts: [text], dataCoding })).toThrow(`data_coding ${dataCoding}`);
  }
});

describe("a text of 170 characters", () => {
  const long = { texts: ["x".repeat(170)], count: 2 };

  test.each([
    ["udh8", 8, 153],
    ["udh16", 16, 152],
  ] as const)("as %s has a header with a reference of its message", (form, referenceBits, room) => {
    const parts = submits({ ...long, long: form }).map(({ esm_class, short_message }) => {
      const { elements, text } = readUserData(short_message as Buffer)!;
      return { esm_class, ...readConcatenation(elements), length: text.length };
    });
    expect(parts).toEqual(
      [0, 1].flatMap((reference) => [
        { esm_class: 0x40, reference, referenceBits, total: 2, sequence: 1, length: room },
        { esm_class: 0x40, reference, referenceBits, total: 2, sequence: 2, length: 170 - room },
      ]),
    );
  });

  test("as sar has TLVs, as payload one submit", () => {
    expect(submits({ ...long, long: "sar" }).map(({ tlvs }) => tlvs)).toEqual(
      [0, 1].flatMap((sar_msg_ref_num) =>
        [1, 2].map((sar_segment_seqnum) => ({ sar_msg_ref_num, sar_total_segments: 2, sar_segment_seqnum })),
      ),
    );
    const payloads = submits({ ...long, long: "payload" });
    expect(payloads.map(({ tlvs }) => tlvs?.message_payload?.length)).toEqual([170, 170]);
  });
});
