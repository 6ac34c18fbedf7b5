import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeCode, isDelivered, isReceiptCode, RECEIPT_CODES } from "./receipt-codes.ts";

const table = readFileSync(new URL("../../test/fixtures/receipt-codes.tsv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .filter((line) => !line.startsWith("#"))
  .map((line) => line.split("\t") as [code: string, kind: string, description: string]);

describe("receipt codes", () => {
  test("are the whole table, in its order", () => {
    expect(RECEIPT_CODES).toEqual(
      table.map(([code, kind, description]) => ({ code, description, delivered: kind === "delivered" })),
    );
    expect(new Set(RECEIPT_CODES.map(({ code }) => code)).size).toBe(RECEIPT_CODES.length);
  });

  test("are delivered from 00 to 1F and failed beyond", () => {
    for (const { code, delivered } of RECEIPT_CODES) expect(isDelivered(code)).toBe(delivered);
    expect({ "1F": isDelivered("1F"), 20: isDelivered("20"), none: isDelivered("") }).toEqual({
      "1F": true,
      20: false,
      none: false,
    });
  });

  test.each([
    ["00", "Successful"],
    ["1", "Sent to SME but unable to confirm"],
    ["2", "replaced at the SMSC"],
    ["22", "No response from the SME (e.g. phone switched off)"],
  ])("%s says what the hosted service says", (code, description) => {
    expect(describeCode(code)).toBe(description);
  });

  test.each(["", "0", "01", "4a", "99", "toString"])("%j is none", (text) => {
    expect(isReceiptCode(text)).toBe(false);
    expect(describeCode(text)).toBe("Unknown error");
  });
});
