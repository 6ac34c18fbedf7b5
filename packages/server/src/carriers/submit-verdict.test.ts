import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDelivered, isReceiptCode, RECEIPT_CODES } from "../message/receipt-codes.ts";
import { submitStatusVerdict } from "./submit-verdict.ts";

const errorCodes = fc.dictionary(
  fc.oneof(fc.string({ unit: fc.constantFrom(..."0123456789abxABX"), maxLength: 6 }), fc.string()),
  fc.constantFrom(...RECEIPT_CODES.map(({ code }) => code)),
);

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
