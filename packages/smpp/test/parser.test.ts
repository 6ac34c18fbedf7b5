import { describe, expect, test } from "vitest";
import { commandStatus, encodePdu, type Parsed, PduParser } from "../src/index.ts";

function frame(length: number, command_id: number, sequence_number: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32BE(length, 0);
  header.writeUInt32BE(command_id, 4);
  header.writeUInt32BE(sequence_number, 12);
  return Buffer.concat([header, body]);
}

const enquireLink = encodePdu({ command: "enquire_link", sequence_number: 42 });
const alive: Parsed = { pdu: { command: "enquire_link", command_status: 0, sequence_number: 42 }, length: 16 };

/** Fed whole, and one octet at a time. */
const ways: [string, (parser: PduParser, octets: Buffer) => Parsed[]][] = [
  ["whole", (parser, octets) => parser.push(octets)],
  ["one octet at a time", (parser, octets) => [...octets].flatMap((octet) => parser.push(Buffer.from([octet])))],
];

describe.each(ways)("fed %s", (_, feed) => {
  test.each([...Array(16).keys(), 65_537, 2 ** 31, 2 ** 32 - 1])("a frame of %i octets ends the stream", (length) => {
    const parser = new PduParser();
    const parsed = feed(parser, Buffer.concat([enquireLink, frame(length, 4, 1), enquireLink]));
    expect(parsed).toHaveLength(2);
    expect(parsed[0]).toEqual(alive);
    expect(parsed[1]?.fault).toMatchObject({ fatal: true, commandStatus: commandStatus.ESME_RINVCMDLEN });
    expect(parser.push(enquireLink)).toEqual([]);
  });

  test("an answer in HTTP is called that", () => {
    const [parsed] = feed(new PduParser(), Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect(parsed?.fault?.message).toContain("HTTP");
    expect(parsed?.fault?.fatal).toBe(true);
  });

  test("an unknown command costs that PDU alone", () => {
    const parsed = feed(new PduParser(), Buffer.concat([frame(20, 0x111, 5, Buffer.alloc(4)), enquireLink]));
    expect(parsed).toHaveLength(2);
    expect(parsed[0]?.fault).toMatchObject({
      fatal: false,
      commandStatus: commandStatus.ESME_RINVCMDID,
      command_id: 0x111,
      sequence_number: 5,
    });
    expect(parsed[1]).toEqual(alive);
  });

  test.each<[string, Buffer, number]>([
    ["an unterminated string", Buffer.from("abc"), commandStatus.ESME_RINVCMDLEN],
    ["no body", Buffer.alloc(0), commandStatus.ESME_RINVCMDLEN],
    ["an sm_length beyond the frame", Buffer.from([...Array(16).fill(0), 9, 1, 2]), commandStatus.ESME_RINVMSGLEN],
    [
      "a TLV beyond the frame",
      Buffer.from([...Array(17).fill(0), 0x04, 0x24, 0xff, 0xff, 1]),
      commandStatus.ESME_RINVOPTPARSTREAM,
    ],
    ["half a TLV header", Buffer.from([...Array(17).fill(0), 0x04, 0x24, 0]), commandStatus.ESME_RINVOPTPARSTREAM],
  ])("a submit_sm with %s costs that PDU alone", (_what, body, expected) => {
    const parsed = feed(new PduParser(), Buffer.concat([frame(16 + body.length, 4, 6, body), enquireLink]));
    expect(parsed.map(({ fault }) => fault?.commandStatus)).toEqual([expected, undefined]);
    expect(parsed[1]).toEqual(alive);
  });
});

test("the longest frame is the parser's to say", () => {
  const long = encodePdu({ command: "submit_sm", tlvs: { message_payload: Buffer.alloc(65_535) } });
  expect(new PduParser().push(long)[0]?.fault?.fatal).toBe(true);
  expect(new PduParser(1e6).push(long)[0]?.pdu?.command).toBe("submit_sm");
});

test("a frame that is announced and never comes is waited for", () => {
  const parser = new PduParser();
  expect(parser.push(frame(65_536, 4, 1))).toEqual([]);
  expect(parser.push(Buffer.alloc(60_000))).toEqual([]);
});
