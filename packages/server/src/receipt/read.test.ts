import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyCodePoint, chances } from "../../test/support/chances.ts";
import { isReceipt, type Reading, type ReceiptPdu, type ReceiptState, type ReceiptTlvs, readReceipt } from "./read.ts";

function read(body: string, rest: Partial<ReceiptPdu> = {}): Reading {
  return readReceipt({
    body: Buffer.from(body, "latin1"),
    esmClass: 0x04,
    tlvs: {},
    source: "447700900123",
    destination: "Acme",
    ...rest,
  });
}

const seen = readFileSync(new URL("../../test/fixtures/receipts.tsv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .filter((line) => !line.startsWith("#"))
  .map((line) => line.split("\t"));

describe("a receipt as a carrier wrote it", () => {
  test.each(seen)("%s", (...row) => {
    const [, body, id, stat, err, state, done] = row.map((cell) => (cell === "-" ? null : cell));
    const reading = read(JSON.parse(body!) as string);
    expect({ ...reading, doneAt: reading.doneAt?.getTime() ?? null }).toMatchObject({
      id,
      stat,
      err,
      state,
      tlvId: null,
      networkError: null,
      doneAt: done ? Date.parse(done) : null,
    });
  });

  test("is one of the 37 collected", () => {
    expect(seen).toHaveLength(37);
  });
});

describe("the text", () => {
  test.each<[string, string, Partial<Reading>]>([
    ["in any order", "stat:EXPIRED err:027 id:7", { id: "7", stat: "EXPIRED", err: "027" }],
    ["with unknown labels between", "id:7 IMSI:234 smsc-id:8 stat:DELIVRD", { id: "7", stat: "DELIVRD" }],
    ["with empty values", "id:7 stat: err: submit date:1005232039 text:", { id: "7", stat: null, err: null }],
    ["with an unknown label after an empty value", "id:7 stat:UNDELIV err: IMSI:234", { err: null }],
    ["with white space after its labels", "id: 7  stat: UNDELIV\terr: 27\r\n", { id: "7", stat: "UNDELIV", err: "27" }],
    [
      "with separators other than spaces",
      "id:7,sub:1,stat:UNDELIV;err:27|text:x",
      { id: "7", stat: "UNDELIV", err: "27" },
    ],
    ["with underscores in its dates", "id:7 submit_date:1005232039 done_date:1005242339", { id: "7", stat: null }],
    ["with a real field after an empty text", "id:7 text: stat:UNDELIV err:1", { stat: "UNDELIV", err: "1" }],
    ["with a field that the text imitates", "id:7 text:stat:DELIVRD", { id: "7", stat: null, state: "unknown" }],
    ["with a field inside the text", "id:7 text: hello stat:DELIVRD", { id: "7", stat: null, state: "unknown" }],
    [
      "in the octets of UTF-16",
      "\0i\0d\0:\x007\0 \0s\0t\0a\0t\0:\0D\0E\0L\0I\0V\0R\0D",
      { id: "7", state: "delivered" },
    ],
    ["that says the same twice", "id:7 id:8 stat:UNDELIV stat:DELIVRD", { id: "7", stat: "UNDELIV" }],
    ["with an id that no index holds", `id:${"9".repeat(256)} stat:DELIVRD`, { id: null, stat: "DELIVRD" }],
    ["that is empty", "", { id: null, stat: null, err: null, state: "unknown" }],
  ])("%s", (_, body, expected) => {
    expect(read(body)).toMatchObject(expected);
  });

  test("is read behind a user data header, where there is one", () => {
    const header = "\x05\x00\x03A\x01i";
    expect(read(`${header}id:7 stat:DELIVRD`, { esmClass: 0x44 })).toMatchObject({ id: "7", state: "delivered" });
    expect(read("id:7 stat:DELIVRD", { esmClass: 0x44 })).toMatchObject({ id: "7", state: "delivered" });
    expect(read("\x1f", { esmClass: 0x44 }).state).toBe("unknown");
  });
});

describe("the state", () => {
  test.each<[ReceiptState, string]>([
    ["delivered", "DELIVRD DELIVERD DELIVERED delivrd"],
    ["undeliverable", "UNDELIV UNDELIVERED UNDELIVERABLE FAILED"],
    ["expired", "EXPIRED"],
    ["deleted", "DELETED"],
    ["rejected", "REJECTD REJECTED DND_REJECTED"],
    ["skipped", "SKIPPED"],
    ["replaced", "REPLACED"],
    ["accepted", "ACCEPTD ACCEPTED"],
    ["enroute", "ENROUTE ACKED BUFFRED BUFFERED SCHEDULED"],
    ["unknown", "UNKNOWN 0 2 NOT_DELIVERED DELIVR OK"],
  ])("%s: %s", (state, words) => {
    for (const word of words.split(" ")) expect(read(`id:7 stat:${word}`)).toMatchObject({ stat: word, state });
  });

  test.each<[number, ReceiptState]>([
    [0, "enroute"],
    [1, "enroute"],
    [2, "delivered"],
    [3, "expired"],
    [4, "deleted"],
    [5, "undeliverable"],
    [6, "accepted"],
    [7, "unknown"],
    [8, "rejected"],
    [9, "skipped"],
    [10, "unknown"],
    [255, "unknown"],
  ])("of message_state %i alone is %s", (message_state, state) => {
    expect(read("", { tlvs: { receipted_message_id: "7", message_state } })).toMatchObject({
      id: null,
      tlvId: "7",
      stat: null,
      state,
    });
  });

  test.each<[string, number, ReceiptState]>([
    ["ENROUTE", 2, "delivered"],
    ["DELIVRD", 1, "delivered"],
    ["UNKNOWN", 9, "skipped"],
    ["EXPIRED", 7, "expired"],
    ["ACCEPTD", 5, "undeliverable"],
    ["ACCEPTD", 1, "accepted"],
    ["UNKNOWN", 1, "enroute"],
    ["0", 1, "enroute"],
    ["DELIVRD", 5, "undeliverable"],
    ["UNDELIV", 2, "delivered"],
  ])("of %s with message_state %i is %s: the final one, and of two the TLV's", (stat, message_state, state) => {
    expect(read(`id:7 stat:${stat}`, { tlvs: { message_state } }).state).toBe(state);
  });
});

describe("the TLVs", () => {
  test("give an id beside the text's, without NULs and spaces", () => {
    const reading = read("id:0966279342 stat:UNDELIV", { tlvs: { receipted_message_id: "0966279342\0" } });
    expect(reading).toMatchObject({ id: "0966279342", tlvId: "0966279342" });
    expect(read("id:7", { tlvs: { receipted_message_id: " \0" } }).tlvId).toBeNull();
  });

  test("give the network's error", () => {
    const network_error_code = { type: 3, code: 27 };
    expect(read("", { tlvs: { network_error_code } }).networkError).toEqual(network_error_code);
  });
});

describe("the handset", () => {
  test.each([
    ["447700900123", "80123", "447700900123"],
    ["+447700900123", "Acme", "447700900123"],
    ["Acme", "447700900123", "447700900123"],
    ["80123", "447700900123", "447700900123"],
    ["", "", null],
  ])("of a receipt from %j to %j is %j", (source, destination, handset) => {
    expect(read("id:7", { source, destination }).handset).toBe(handset);
  });
});

describe("what is a receipt", () => {
  const byId = { receipted_message_id: "7" };
  test.each<[number, ReceiptTlvs, boolean, string]>([
    [0x04, {}, true, "a delivery receipt"],
    [0x44, {}, true, "a delivery receipt with the bit of a user data header"],
    [0x84, {}, true, "a delivery receipt with the bit of a reply path"],
    [0x08, {}, true, "a delivery acknowledgement"],
    [0x20, {}, true, "an intermediate notification"],
    [0x24, {}, true, "a receipt and a notification at once"],
    [0x00, byId, true, "an ordinary message that names a receipted message"],
    [0x10, byId, true, "a user acknowledgement that does"],
    [0x00, {}, false, "an ordinary message"],
    [0x40, {}, false, "a part of a long message"],
    [0x03, {}, false, "a messaging mode, which is no type"],
    [0x10, {}, false, "a user acknowledgement"],
    [0x18, {}, false, "a conversation abort"],
    [0x00, { receipted_message_id: "\0" }, false, "an ordinary message with an empty id"],
    [0x00, { message_state: 2 }, false, "an ordinary message with a state of nothing"],
  ])("esm_class %i %j: %s (%s)", (esmClass, tlvs, expected) => {
    expect(isReceipt({ esmClass, tlvs })).toBe(expected);
  });
});

describe("whatever comes", () => {
  const near = fc.string({
    unit: fc.constantFrom(
      "id:",
      "stat:",
      "err:",
      "text:",
      "done date:",
      "sub:",
      "DELIVRD",
      " ",
      "0",
      "7",
      "\0",
      "-",
      "+",
      "é",
    ),
    maxLength: 60,
  });
  const tlvs = fc.record(
    {
      receipted_message_id: fc.string({ unit: anyCodePoint }),
      message_state: fc.integer({ min: 0, max: 255 }),
      network_error_code: fc.record({ type: fc.nat(255), code: fc.nat(65_535) }),
    },
    { requiredKeys: [] },
  );

  test("is read without a fault", () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      near.map((text) => Buffer.from(text, "latin1")),
    );
    fc.assert(
      fc.property(body, fc.nat(255), tlvs, fc.string(), fc.string(), (body, esmClass, tlvs, source, destination) => {
        const reading = readReceipt({ body, esmClass, tlvs, source, destination });
        for (const value of [reading.id, reading.stat, reading.err]) {
          if (value !== null) expect(value).toMatch(/^[^\s\0]{1,255}$/);
        }
        expect(reading.doneAt === null || !Number.isNaN(reading.doneAt.getTime())).toBe(true);
      }),
      { numRuns: chances(2000) },
    );
  });

  test("a customer's text never tells where the carrier told", () => {
    fc.assert(
      fc.property(near, (text) => {
        const reading = read(`id:7 stat:UNDELIV err:027 text:${text}`);
        expect(reading).toMatchObject({ id: "7", stat: "UNDELIV", state: "undeliverable", err: "027" });
      }),
    );
  });

  test("its usual form is read like any other", () => {
    const id = fc.stringMatching(/^[\w-]{1,64}$/);
    const stat = fc.constantFrom("DELIVRD", "UNDELIV", "EXPIRED", "X");
    const err = fc.stringMatching(/^\w{1,4}$/);
    const done = fc.stringMatching(/^\d{10,12}$/);
    fc.assert(
      fc.property(id, stat, err, done, near, (id, stat, err, done, text) => {
        const usual = `id:${id} sub:001 dlvrd:001 submit date:2611250900 done date:${done} stat:${stat} err:${err} text:${text}`;
        const one = read(usual);
        // A space in front, and it is not the usual form any more.
        const other = read(` ${usual}`);
        expect({ ...one, text: "", doneAt: one.doneAt }).toEqual({ ...other, text: "", doneAt: other.doneAt });
        expect(one).toMatchObject({ id, stat, err });
      }),
    );
  });

  test.each([
    ["spaces", `id:7 stat:${" ".repeat(60_000)}`],
    ["labels", `id:7 ${"text: ".repeat(10_000)}`],
    ["empty values", `id:7 ${"stat: err: id:".repeat(4_000)}`],
    ["half labels", `id:7 ${"done dat".repeat(7_500)}`],
    ["one word", `id:7 stat:${"a".repeat(60_000)}`],
    ["separators", `id:7 stat:${",;|".repeat(20_000)}`],
    ["digits", `id:7 done date:${"0".repeat(60_000)}`],
    ["colons", `id:7 ${":".repeat(60_000)}`],
  ])("60 KB of %s are read", (_, body) => {
    expect(read(body)).toMatchObject({ id: "7", stat: null, state: "unknown", doneAt: null });
  });
});
