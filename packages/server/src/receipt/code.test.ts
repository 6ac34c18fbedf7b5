import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDelivered, isReceiptCode, RECEIPT_CODES } from "../message/receipt-codes.ts";
import { type CodeOptions, receiptCode } from "./code.ts";
import type { Reading, ReceiptState } from "./read.ts";

const DEFAULTS: CodeOptions = { errorCodes: {}, accepted: "intermediate" };

function reading(state: ReceiptState, rest: Partial<Reading> = {}): Reading {
  return {
    text: "",
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
  "read",
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
    ["read", true, "00"],
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
    const meaning = receiptCode(reading("accepted"), { errorCodes: {}, accepted: "final" });
    expect(meaning).toEqual({ final: true, delivered: true, code: "1", guess: false });
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
      const meaning = receiptCode(reading("undeliverable", rest), { errorCodes, accepted: "intermediate" });
      expect(meaning).toMatchObject({ final: true, delivered: false, code });
    });
  });

  test("is in the table, and says delivered where the meaning does", () => {
    fc.assert(
      fc.property(
        state,
        err,
        networkError,
        errorCodes,
        fc.constantFrom("intermediate", "final"),
        (state, err, networkError, errorCodes, accepted) => {
          const meaning = receiptCode(reading(state, { err, networkError }), { errorCodes, accepted });
          expect(isReceiptCode(meaning.code)).toBe(true);
          expect(isDelivered(meaning.code)).toBe(meaning.delivered);
        },
      ),
    );
  });
});
