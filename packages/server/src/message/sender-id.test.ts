import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyCodePoint, chances } from "../../test/support/chances.ts";
import { isGsm } from "./gsm.ts";
import { foldSenderId, normaliseSenderId, senderAddress, writtenSender } from "./sender-id.ts";

describe("a sender ID", () => {
  test.each([
    ["Acme", "Acme"],
    ["A", "A"],
    ["Acme Sale 5", "Acme Sale 5"],
    ["4 you", "4 you"],
    ["+Plus", "+Plus"],
    ["Ärzte", "Ärzte"],
    ["ΔΩ", "ΔΩ"],
    ["Shop[1]", "Shop[1]"],
    ["10 € only!!", "10 € only!!"],
    ["123", "123"],
    ["80123", "80123"],
    ["447700900123", "447700900123"],
    ["+447700900123", "447700900123"],
    ["123456789012345", "123456789012345"],
    ["00123", "00123"],
  ])("%j is %j", (value, sender) => {
    expect(normaliseSenderId(value)).toBe(sender);
  });

  test.each([
    ["", "empty"],
    ["TwelveLetter", "twelve characters"],
    ["12", "two digits"],
    ["+12", "two digits"],
    ["1234567890123456", "sixteen digits"],
    ["++447700900", "two signs"],
    ["447700 900", "digits with a space and no letter"],
    ["!!!", "no letter"],
    ["Façade", "a small c with cedilla, which is not GSM"],
    ["Акме", "not GSM"],
    ["Acme😀", "not GSM"],
    ["Acme\nLtd", "a line break"],
    ["Acme\r", "a line break"],
    ["Acme\u0000", "a NUL"],
    ["Acme ", "a blank behind it"],
    [" Acme", "a blank before it"],
    ["My  Bank", "two blanks for one"],
    [" 447700900", "digits with a blank before them"],
    ["Δ@home", "an @ beside a letter that is not in Latin-1"],
    ["€€€€€€€€€€A", "more octets than an address has"],
  ])("%j is refused: %s", (value) => {
    expect(normaliseSenderId(value)).toBeNull();
  });

  test("of any text is null, or what can be sent, and stays as it is", () => {
    const near = fc.string({ unit: fc.constantFrom(..."+0123456789Aé€Δ@[ \n"), maxLength: 16 });
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: anyCodePoint })), (value) => {
        const sender = normaliseSenderId(value);
        if (sender === null) return;
        expect(normaliseSenderId(sender)).toBe(sender);
        expect(isGsm(sender)).toBe(true);
        for (const encoding of ["latin1", "gsm"] as const) {
          const written = writtenSender(sender, encoding) as string;
          const octets = Buffer.from(written, "latin1");
          expect({ text: octets.toString("latin1"), ends: octets.includes(0), fits: octets.length <= 20 }).toEqual({
            text: written,
            ends: false,
            fits: true,
          });
        }
        expect(sender).toMatch(/^(?:[0-9]{3,15}|.{1,11})$/);
      }),
      { numRuns: chances(2000) },
    );
  });
});

describe("sender IDs that look alike", () => {
  test.each([
    ["MyBank", "MYBANK"],
    ["Logistics", "LOGISTICS"],
    ["Logistics", "1ogistics"],
    ["Logistics", "IOGISTICS"],
    ["Logistics", "L0g|st!cs"],
    ["Logistics", "Lögistics"],
    ["Oslo", "Θs10"],
    ["Oslo", "Φslo"],
    ["Oslo", "Øslo"],
    ["Data", "DΛTΛ"],
    ["Data", "DΔt@"],
    ["Eve", "ΣvΞ"],
    ["Eve", "Ev€"],
    ["ΔΛ", "aa"],
    ["80123", "8O123"],
    ["100", "IOo"],
  ])("%j and %j are one", (one, other) => {
    expect(foldSenderId(one)).toBe(foldSenderId(other));
  });

  test.each([
    ["MyBank", "My Bank"],
    ["MyBank", "MyBanks"],
    ["Acme1", "Acme2"],
    ["ΓΠΨ", "ΠΓΨ"],
  ])("%j and %j are two", (one, other) => {
    expect(foldSenderId(one)).not.toBe(foldSenderId(other));
  });

  test("are folded once: what is folded stays, and so does a number", () => {
    const gsm = fc.string({ unit: fc.constantFrom(..."0123456789oOiIlL|!ΔΛΘΦΣΞΩßÄÅÆæÇ@€$¥ aZ"), maxLength: 11 });
    fc.assert(
      fc.property(gsm, (value) => {
        expect(foldSenderId(foldSenderId(value))).toBe(foldSenderId(value));
      }),
    );
    expect(foldSenderId("0123456789")).toBe("0123456789");
  });
});

describe("the source address", () => {
  test.each([
    ["Acme", { ton: 5, npi: 0, address: "Acme" }],
    ["123", { ton: 3, npi: 0, address: "123" }],
    ["80123456", { ton: 3, npi: 0, address: "80123456" }],
    ["801234567", { ton: 1, npi: 1, address: "801234567" }],
    ["447700900123", { ton: 1, npi: 1, address: "447700900123" }],
  ])("of %j is %j", (sender, address) => {
    expect(senderAddress(sender)).toEqual(address);
  });
});
