import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDelivered, isReceiptCode, RECEIPT_CODES } from "../message/receipt-codes.ts";
import { type CodeOptions, receiptCode, submitStatusVerdict } from "./code.ts";
import type { Reading, ReceiptState } from "./read.ts";

const DEFAULTS: CodeOptions = { errorCodes: {}, accepted: "intermediate" };

function reading(state: ReceiptState, rest: Partial<Reading> = {}): Reading {
  return {
    id: "7",
    tlvId: null,
    stat: null,
    state,
    err: null,
    networkError: null,
    doneAt: null,
    handset: null,
    ...rest,
  };
}

const state = fc.constantFrom<ReceiptState>(
  "delivered",
  "undeliverable",
  "expired",
  "deleted",
  "rejected",
  "skipped",
  "replaced",
  "accepted",
  "enroute",
  "unknown",
);
const errorCodes = fc.dictionary(
  fc.oneof(fc.string({ unit: fc.constantFrom(..."0123456789abxABX"), maxLength: 6 }), fc.string()),
  fc.constantFrom(...RECEIPT_CODES.map(({ code }) => code)),
);
const networkError = fc.option(fc.record({ type: fc.nat(255), code: fc.nat(65_535) }));
const err = fc.option(fc.oneof(fc.string({ unit: fc.constantFrom(..."0123456789abAB"), maxLength: 4 }), fc.string()));

describe("a receipt's code", () => {
  test.each<[ReceiptState, boolean, string]>([
    ["delivered", true, "00"],
    ["replaced", true, "2"],
    ["undeliverable", false, "31"],
    ["expired", false, "46"],
    ["deleted", false, "48"],
    ["rejected", false, "56"],
    ["skipped", false, "56"],
  ])("%s: delivered %s with %s", (state, delivered, code) => {
    expect(receiptCode(reading(state), DEFAULTS)).toEqual({ final: true, delivered, code, guess: false });
  });

  test.each<[ReceiptState, string]>([
    ["unknown", "30"],
    ["enroute", "5D"],
    ["accepted", "5D"],
  ])("%s is not final; what is left of it when validity is over is %s", (state, code) => {
    expect(receiptCode(reading(state, { err: "001" }), DEFAULTS)).toEqual({
      final: false,
      delivered: false,
      code,
      guess: false,
    });
  });

  test("accepted is delivered, unconfirmed, where the carrier says no more", () => {
    const verdict = receiptCode(reading("accepted"), { errorCodes: {}, accepted: "final" });
    expect(verdict).toEqual({ final: true, delivered: true, code: "1", guess: false });
  });

  test.each<[number[], string]>([
    [[1], "4A"],
    [[5], "26"],
    [[6, 27], "22"],
    [[9], "54"],
    [[10, 11], "45"],
    [[12, 20, 21, 71], "41"],
    [[13, 2049, 2050], "58"],
    [[31, 72], "21"],
    [[32, 257, 258], "25"],
    [[33], "3B"],
    [[34, 500, 505, 511, 1024, 1500, 1796], "33"],
    [[35, 36, 261, 262], "52"],
    [[51, 260], "20"],
    [[255], "57"],
    [[256], "23"],
    [[259], "27"],
    [[2048], "55"],
    [[4100], "47"],
    [[4101], "46"],
    [[0, 2, 7, 14, 499, 512, 1023, 1797, 65_535], "31"],
  ])("undeliverable with GSM error %j is %s", (errors, code) => {
    for (const error of errors) {
      const byTlv = receiptCode(reading("undeliverable", { networkError: { type: 3, code: error } }), DEFAULTS);
      expect(byTlv).toEqual({ final: true, delivered: false, code, guess: false });
      if (error > 9999) continue;
      const padded = String(error).padStart(3, "0");
      const byText = receiptCode(reading("undeliverable", { err: padded }), DEFAULTS);
      expect(byText).toEqual({ final: true, delivered: false, code, guess: code !== "31" });
    }
  });

  test.each<[string, Partial<Reading>, string]>([
    ["err in hexadecimal where it has letters", { err: "00B" }, "45"],
    ["a word is no error", { err: "null" }, "31"],
    ["zero is no error", { err: "000" }, "31"],
    ["more than four digits are no error", { err: "00001" }, "31"],
    ["the TLV goes before the text", { err: "001", networkError: { type: 3, code: 27 } }, "22"],
    ["a network that is not GSM says nothing", { networkError: { type: 1, code: 27 } }, "31"],
    ["a GSM error that is not known leaves it to the text", { err: "001", networkError: { type: 3, code: 7 } }, "4A"],
  ])("%s", (_, rest, code) => {
    expect(receiptCode(reading("undeliverable", rest), DEFAULTS).code).toBe(code);
  });

  test.each<[ReceiptState, string, string]>([
    ["expired", "027", "46"],
    ["rejected", "001", "56"],
    ["deleted", "001", "48"],
    ["delivered", "002", "00"],
  ])("%s with error %s stays %s: the state decides", (state, err, code) => {
    const options: CodeOptions = { errorCodes: { [err]: "58" }, accepted: "intermediate" };
    expect(receiptCode(reading(state, { err, networkError: { type: 3, code: 1 } }), options).code).toBe(code);
  });

  describe("by the carrier's own table", () => {
    test.each<[Record<string, string>, Partial<Reading>, string]>([
      [{ "001": "22" }, { err: "001" }, "22"],
      [{ "001": "22" }, { err: "1" }, "22"],
      [{ 1: "22" }, { err: "001" }, "22"],
      [{ "0001": "22" }, { err: "01" }, "22"],
      [{ "00B": "22" }, { err: "b" }, "22"],
      [{ "4a6": "5c" }, { err: "4A6" }, "5C"],
      [{ null: "5C" }, { err: "null" }, "5C"],
      [{ "000": "5C" }, { err: "0" }, "5C"],
      [{ "000": "5C" }, {}, "31"],
      [{ "001": "22", 1: "26" }, { err: "1" }, "26"],
      [{ "001": "22" }, { err: "001", networkError: { type: 3, code: 9 } }, "22"],
      [{ 27: "23" }, { networkError: { type: 1, code: 27 } }, "23"],
      [{ "001": "00" }, { err: "001" }, "4A"],
      [{}, { err: "constructor" }, "31"],
    ])("%j reads %j as %s", (errorCodes, rest, code) => {
      const verdict = receiptCode(reading("undeliverable", rest), { errorCodes, accepted: "intermediate" });
      expect(verdict).toMatchObject({ final: true, delivered: false, code });
    });
  });

  test("is in the table, and says delivered where the verdict does", () => {
    fc.assert(
      fc.property(
        state,
        err,
        networkError,
        errorCodes,
        fc.constantFrom("intermediate", "final"),
        (state, err, networkError, errorCodes, accepted) => {
          const verdict = receiptCode(reading(state, { err, networkError }), { errorCodes, accepted });
          expect(isReceiptCode(verdict.code)).toBe(true);
          expect(isDelivered(verdict.code)).toBe(verdict.delivered);
        },
      ),
    );
  });
});

describe("a submit_sm_resp", () => {
  test("with status 0 is accepted", () => {
    expect(submitStatusVerdict(0, {})).toEqual({ kind: "accepted" });
    expect(submitStatusVerdict(0, { "0x0": "56" })).toEqual({ kind: "accepted" });
  });

  test.each([
    [0x58, "throttled", "20"],
    [0x14, "queue_full", "3B"],
    [0x64, "temporary", "32"],
    [0x08, "system_error", "32"],
  ])("with status %i is tried again: %s, at last %s", (status, reason, codeWhenOver) => {
    expect(submitStatusVerdict(status, {})).toEqual({ kind: "retry", reason, codeWhenOver });
    expect(submitStatusVerdict(status, { [`0x${status.toString(16)}`]: "56" }).kind).toBe("retry");
  });

  test.each([0x04, 0x05])("with status %i asks to bind again", (status) => {
    expect(submitStatusVerdict(status, {})).toEqual({ kind: "rebind" });
  });

  test.each<[number[], string]>([
    [[0x0b], "43"],
    [[0x01, 0x61, 0x62, 0x65, 0x66, 0x67, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4], "52"],
    [[0x0a, 0x45, 0x48, 0x49, 0x50, 0x51], "56"],
    [[0x02, 0x03, 0x33, 0x34, 0x40, 0x44, 0x52, 0x63, 0x68, 0xbf, 0xc5, 0xfe, 0xff, 0x400, 0x4ff, 0xffffffff], "32"],
  ])("with one of the statuses %j is refused with %s", (statuses, code) => {
    for (const status of statuses) expect(submitStatusVerdict(status, {})).toEqual({ kind: "refused", code });
  });

  test.each<[Record<string, string>, number, string]>([
    [{ "0x0401": "39" }, 0x401, "39"],
    [{ "0x401": "39" }, 0x401, "39"],
    [{ "0X00000401": "39" }, 0x401, "39"],
    [{ 1025: "39" }, 0x401, "39"],
    [{ 1279: "5c" }, 0x4ff, "5C"],
    [{ "0x0B": "5C" }, 0x0b, "5C"],
    [{ "011": "4A", 11: "4A", "0011": "4A" }, 0x0b, "43"],
    [{ 1280: "39" }, 0x500, "32"],
    [{ "0x500": "39" }, 0x500, "39"],
    [{ "0x0402": "39" }, 0x401, "32"],
    [{ "0x0401": "00" }, 0x401, "32"],
  ])("by the carrier's own table %j: %i is refused with %s", (errorCodes, status, code) => {
    expect(submitStatusVerdict(status, errorCodes)).toEqual({ kind: "refused", code });
  });

  test("of any status has a verdict, and a refusal a code that is no delivery", () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(0x500), fc.nat(0xffffffff)), errorCodes, (status, errorCodes) => {
        const verdict = submitStatusVerdict(status, errorCodes);
        if (verdict.kind !== "refused") return;
        expect(isReceiptCode(verdict.code)).toBe(true);
        expect(isDelivered(verdict.code)).toBe(false);
      }),
    );
  });
});
