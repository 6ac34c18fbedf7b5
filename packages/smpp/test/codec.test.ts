import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePdu, EncodeError, encodePdu, type Pdu, PduError, type PduInput, PduParser } from "../src/index.ts";
import { anyPdu, commands, pduOf } from "./pdus.ts";

/** How many runs a property has: a tenth of them, and all by FUZZ_RUNS (npm run fuzz:smpp). */
const runs = (whole: number) => ({ numRuns: process.env.FUZZ_RUNS === undefined ? Math.ceil(whole / 10) : whole });

/** A frame of what is left of `whole` when it is cut after `length` octets, with a command_length that fits. */
function cut(whole: Buffer, length: number): Buffer {
  const frame = Buffer.from(whole.subarray(0, length));
  frame.writeUInt32BE(length, 0);
  return frame;
}

function decodeOrFault(frame: Buffer): Pdu | PduError {
  try {
    return decodePdu(frame);
  } catch (error) {
    if (error instanceof PduError) return error;
    throw error;
  }
}

describe.each(commands)("%s", (command) => {
  test("is read as it was written", () => {
    fc.assert(
      fc.property(pduOf(command), (pdu) => {
        expect(decodePdu(encodePdu(pdu))).toEqual(pdu);
      }),
      runs(100),
    );
  });

  test("is read the same one octet at a time", () => {
    fc.assert(
      fc.property(pduOf(command), (pdu) => {
        const parser = new PduParser();
        const parsed = [...encodePdu(pdu)].flatMap((octet) => parser.push(Buffer.from([octet])));
        expect(parsed.map((each) => each.pdu)).toEqual([pdu]);
      }),
      runs(30),
    );
  });

  test("cut anywhere is a fault or all that is there, never text that goes on beyond", () => {
    fc.assert(
      fc.property(pduOf(command), (pdu) => {
        const whole = encodePdu({ ...pdu, command_status: 0 });
        for (let length = 16; length < whole.length; length++) {
          const frame = cut(whole, length);
          const read = decodeOrFault(frame);
          if (read instanceof PduError) {
            expect(read).toMatchObject({ fatal: false, sequence_number: pdu.sequence_number });
            expect(read.commandStatus).toBeGreaterThan(0);
          } else if (!command.endsWith("_resp")) {
            // What was read accounts for every octet, but for a TLV that is cut and NULs too few to be one.
            const again = encodePdu(read);
            if ("tlvs" in read && read.tlvs?.textDoubtful === true) {
              // As far as it goes it is the text, with an octet at most of what came behind it.
              const inPayload = read.tlvs.message_payload !== undefined;
              const [text, own] = [read, pdu].map((one) => textOf(one, inPayload)) as [Buffer, Buffer];
              expect(text.subarray(0, own.length)).toEqual(own.subarray(0, text.length));
              expect(text.length - own.length).toBeLessThan(2);
              continue;
            }
            expect(frame.subarray(4, again.length)).toEqual(again.subarray(4));
            const dropped = "tlvs" in read ? read.tlvs?.dropped : undefined;
            if (dropped !== undefined) {
              expect(frame.length - again.length).toBe(dropped);
            } else {
              expect(frame.length - again.length).toBeLessThan(4);
              expect(frame.subarray(again.length).every((octet) => octet === 0)).toBe(true);
            }
          } else if ("message_id" in read && "message_id" in pdu) {
            expect(pdu.message_id?.startsWith(read.message_id ?? "")).toBe(true);
          }
        }
      }),
      runs(20),
    );
  });
});

test("a field left out is 0, empty or absent", () => {
  const written = encodePdu({ command: "submit_sm", sequence_number: 7, destination_addr: "447700900001" });
  expect(decodePdu(written)).toEqual({
    command: "submit_sm",
    command_status: 0,
    sequence_number: 7,
    service_type: "",
    source_addr_ton: 0,
    source_addr_npi: 0,
    source_addr: "",
    dest_addr_ton: 0,
    dest_addr_npi: 0,
    destination_addr: "447700900001",
    esm_class: 0,
    protocol_id: 0,
    priority_flag: 0,
    schedule_delivery_time: "",
    validity_period: "",
    registered_delivery: 0,
    replace_if_present_flag: 0,
    data_coding: 0,
    sm_default_msg_id: 0,
    short_message: Buffer.alloc(0),
    tlvs: {},
  });
});

test("a string longer than the standard allows is read whole", () => {
  const pdu = { command: "deliver_sm", source_addr: "4".repeat(100), service_type: "x".repeat(50) } as const;
  expect(decodePdu(encodePdu(pdu))).toMatchObject(pdu);
});

test("the octets are those of the standard", () => {
  const written = encodePdu({
    command: "bind_transmitter",
    sequence_number: 1,
    system_id: "SMPP3TEST",
    password: "secret08",
    system_type: "SUBMIT1",
    addr_ton: 1,
    addr_npi: 1,
  });
  // The example of SMPP 3.4 §3.3, with interface_version 0x34.
  expect(written.toString("hex")).toBe(
    ["0000002f", "00000002", "00000000", "00000001", "534d50503354455354", "00", "7365637265743038", "00"]
      .concat(["5355424d495431", "00", "34", "01", "01", "00"])
      .join(""),
  );
});

describe("an answer", () => {
  const header = (command_id: number, status: number, body = "") => {
    const octets = Buffer.from(body, "latin1");
    const frame = Buffer.alloc(16 + octets.length);
    [frame.length, command_id, status, 9].forEach((word, index) => {
      frame.writeUInt32BE(word, index * 4);
    });
    octets.copy(frame, 16);
    return frame;
  };

  test("that refuses is written without a body", () => {
    const refusal = encodePdu({ command: "submit_sm_resp", command_status: 0x58, sequence_number: 1 });
    expect(refusal.length).toBe(16);
    const data = encodePdu({ command: "data_sm_resp", command_status: 0x45, tlvs: { delivery_failure_reason: 1 } });
    expect(data.length).toBe(16 + 1 + 5);
  });

  test.each([
    ["nothing", "", ""],
    ["an unterminated message_id", "abc", "abc"],
    ["junk", "\0\u0001\u0002\u0003\u0004\u0005", ""],
  ])("that refuses is read though its body is %s", (_, body, message_id) => {
    expect(decodePdu(header(0x80000004, 0x58, body))).toMatchObject({
      command: "submit_sm_resp",
      command_status: 0x58,
      message_id,
    });
  });

  test("that accepts a message does so with whatever message_id can be read", () => {
    expect(decodePdu(header(0x80000004, 0))).toMatchObject({ command_status: 0, message_id: "" });
    expect(decodePdu(header(0x80000004, 0, "abc"))).toMatchObject({ command_status: 0, message_id: "abc" });
    expect(decodePdu(header(0x80000004, 0, "abc\0"))).toMatchObject({ message_id: "abc", tlvs: {} });
  });

  test("keeps its message_id whatever follows", () => {
    expect(decodePdu(header(0x80000004, 0, "abc\0\u0001"))).toMatchObject({ message_id: "abc", tlvs: {} });
    expect(decodePdu(header(0x80000004, 0, "abc\0\u0004\u0024\u0000\u0009x"))).toMatchObject({ message_id: "abc" });
  });

  test.each([0x80000001, 0x80000002, 0x80000009, 0x80000005, 0x80000103])(
    "0x%s may lack the identifier that nobody needs",
    (command_id) => {
      expect(decodePdu(header(command_id, 0))).toMatchObject({ command_status: 0, sequence_number: 9 });
    },
  );

  test("to query_sm is empty where it refuses", () => {
    expect(decodePdu(header(0x80000003, 0x67))).toMatchObject({ message_id: "", message_state: 0, tlvs: {} });
    expect(decodePdu(header(0x80000021, 0x67))).toMatchObject({ message_id: "", unsuccess_smes: [], tlvs: {} });
  });
});

describe("what cannot be written", () => {
  test.each<[string, PduInput]>([
    ["a NUL in a string", { command: "submit_sm", source_addr: "a\0b" }],
    ["a character beyond Latin-1", { command: "submit_sm", source_addr: "Łódź" }],
    ["an integer out of range", { command: "submit_sm", esm_class: 256 }],
    ["a fraction", { command: "submit_sm", data_coding: 0.5 }],
    ["NaN as a status", { command: "submit_sm_resp", command_status: Number.NaN }],
    ["a short_message of 255 octets", { command: "submit_sm", short_message: Buffer.alloc(255) }],
    ["a TLV beyond 65535 octets", { command: "submit_sm", tlvs: { message_payload: Buffer.alloc(65_536) } }],
    ["a TLV nobody knows", { command: "submit_sm", tlvs: { colour: 1 } as object }],
    [
      "255 destinations",
      { command: "submit_multi", dest_addresses: Array.from({ length: 255 }, () => ({ dl_name: "x" })) },
    ],
  ])("%s is refused", (_, pdu) => {
    expect(() => encodePdu(pdu)).toThrow(EncodeError);
  });
});

test("any PDUs in chunks of any size are the same PDUs", () => {
  fc.assert(
    fc.property(
      fc.array(anyPdu, { maxLength: 8 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 400 })),
      (pdus, sizes) => {
        const stream = Buffer.concat(pdus.map((pdu) => encodePdu(pdu)));
        const parser = new PduParser();
        const read = [];
        for (let at = 0; at < stream.length; ) {
          const size = sizes.next().value;
          read.push(...parser.push(Buffer.from(stream.subarray(at, at + size))));
          at += size;
        }
        expect(read.map(({ pdu }) => pdu)).toEqual(pdus);
      },
    ),
    runs(100),
  );
});

function textOf(pdu: Pdu, inPayload: boolean): Buffer | undefined {
  if (inPayload) return "tlvs" in pdu ? pdu.tlvs.message_payload : undefined;
  return "short_message" in pdu ? pdu.short_message : undefined;
}
