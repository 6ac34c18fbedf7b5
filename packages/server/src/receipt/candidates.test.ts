import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyCodePoint } from "../../test/support/chances.ts";
import { candidateIds, type IdMode, isIdForm, likeliestId, orderCandidates } from "./candidates.ts";

function ids(receiptId: string, mode: IdMode): string[] {
  return candidateIds(receiptId, mode).map(({ id }) => id);
}

function formOf(receiptId: string, submitId: string, mode: IdMode): string | undefined {
  return candidateIds(receiptId, mode).find(({ id }) => id === submitId)?.form;
}

describe("the id that the submit gave is among the candidates", () => {
  test.each([
    ["33E95179", "870928761", "dec-to-HEX"],
    ["33e95179", "870928761", "dec-to-hex"],
    ["33E95179", "0870928761", "dec-to-HEX"],
    ["812FC7470000001B", "9308878062554710043", "dec-to-HEX"],
    ["00B8BE19", "12107289", "dec-to-HEX-8"],
    ["0000000000B8BE19", "12107289", "dec-to-HEX-16"],
    ["870928761", "33E95179", "hex-to-dec"],
    ["870928761", "33e95179", "hex-to-dec"],
    ["0870928761", "33E95179", "hex-to-dec-10"],
    ["9308878062554710043", "812FC7470000001B", "hex-to-dec"],
    ["18446744073709551615", "FFFFFFFFFFFFFFFF", "hex-to-dec"],
    ["SAR-2347039245475-1eedf843-2-1", "SAR-2347039245475-1EEDF843-2-1", "lower-hex"],
    ["sar-2347039245475-1EEDF843-2-1", "sar-2347039245475-1eedf843-2-1", "upper-hex"],
    ["c87c2273-7edb-4bc7-8d3a-7f57f21b625e", "C87C2273-7EDB-4BC7-8D3A-7F57F21B625E", "lower"],
    ["QWERTY7", "qwerty7", "upper"],
    ["000024", "24", "dec-to-dec-6"],
    ["24", "000024", "dec-to-dec"],
    ["0024", "000024", "dec-to-dec-4"],
    ["00B8BE19", "b8be19", "hex-to-HEX-8"],
    ["b8be19", "00B8BE19", "hex-to-hex"],
    ["00B8BE19", "00B8BE19", "exact"],
    ["04062581461644996000141", "04062581461644996000141", "exact"],
    ["4062581461644996000141", "04062581461644996000141", "dec-to-dec"],
    ["0", "000", "dec-to-dec"],
  ])("%s for %s in the receipt, as %s", (submitId, receiptId, form) => {
    expect(formOf(receiptId, submitId, "auto")).toBe(form);
  });
});

describe("by the carrier's setting", () => {
  test("exact has no other", () => {
    expect(candidateIds("870928761", "exact")).toEqual([{ id: "870928761", form: "exact" }]);
  });

  test("hex-in-submit has the decimal id in hexadecimal, and not as it stands", () => {
    expect(ids("12107289", "hex-in-submit")).toEqual([
      "B8BE19",
      "b8be19",
      "00B8BE19",
      "00b8be19",
      "0000000000B8BE19",
      "0000000000b8be19",
    ]);
  });

  test("hex-in-receipt has the hexadecimal id in decimal, and not as it stands", () => {
    expect(ids("33E95179", "hex-in-receipt")).toEqual(["870928761", "0870928761"]);
    expect(ids("12345678", "hex-in-receipt")).toEqual(["305419896", "0305419896"]);
  });

  test.each<[string, IdMode]>([
    ["B8BE19", "hex-in-submit"],
    ["123456789012345678901", "hex-in-submit"],
    ["18446744073709551616", "hex-in-submit"],
    ["c87c2273-7edb-4bc7-8d3a-7f57f21b625e", "hex-in-receipt"],
    ["5be9f816f19992a78c8e26442f8afa50", "hex-in-receipt"],
  ])("%s is no counter, and with %s stays as it stands", (receiptId, mode) => {
    expect(candidateIds(receiptId, mode)[0]).toEqual({ id: receiptId, form: "exact" });
    expect(likeliestId(receiptId, mode, null)).toEqual({ id: receiptId, form: "exact" });
  });
});

describe("what was learnt", () => {
  test("is looked up first", () => {
    expect(likeliestId("870928761", "auto", null)).toEqual({ id: "870928761", form: "exact" });
    expect(likeliestId("870928761", "auto", "dec-to-HEX")).toEqual({ id: "33E95179", form: "dec-to-HEX" });
    expect(likeliestId("12107289", "auto", "dec-to-HEX-8")).toEqual({ id: "00B8BE19", form: "dec-to-HEX-8" });
    expect(likeliestId("24", "auto", "dec-to-dec-6")).toEqual({ id: "000024", form: "dec-to-dec-6" });
  });

  test("is left where the id cannot be read so, or the setting says otherwise", () => {
    expect(likeliestId("B8BE19", "auto", "dec-to-HEX")).toEqual({ id: "B8BE19", form: "exact" });
    expect(likeliestId("24", "auto", "a form of another version")).toEqual({ id: "24", form: "exact" });
    expect(likeliestId("870928761", "exact", "dec-to-HEX")).toEqual({ id: "870928761", form: "exact" });
    expect(likeliestId("870928761", "hex-in-submit", "exact")).toEqual({ id: "33E95179", form: "dec-to-HEX" });
  });

  test("comes first in order, and nothing is lost", () => {
    const candidates = candidateIds("870928761", "auto");
    const ordered = orderCandidates(candidates, "dec-to-hex");
    expect(ordered[0]).toEqual({ id: "33e95179", form: "dec-to-hex" });
    expect(new Set(ordered)).toEqual(new Set(candidates));
    expect(orderCandidates(candidates, null)).toEqual(candidates);
  });

  test("is the name of a form", () => {
    for (const form of ["exact", "upper-hex", "dec-to-dec-6", "dec-to-HEX-8", "hex-to-dec"]) {
      expect(isIdForm(form)).toBe(true);
    }
    for (const form of ["", "dec-to-dec-21", "hex-to-dec-3", "constructor"]) expect(isIdForm(form)).toBe(false);
  });
});

describe("for any id", () => {
  const idText = fc.oneof(
    fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 25 }),
    fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF-"), minLength: 1, maxLength: 40 }),
    fc.string({ unit: anyCodePoint }),
  );
  const mode = fc.constantFrom<IdMode>("auto", "exact", "hex-in-submit", "hex-in-receipt");

  test("the candidates are few, different, and in auto begin with the exact one", () => {
    fc.assert(
      fc.property(idText, mode, (id, mode) => {
        const candidates = candidateIds(id, mode);
        expect(candidates.length).toBeGreaterThan(0);
        expect(candidates.length).toBeLessThanOrEqual(40);
        expect(new Set(candidates.map(({ id }) => id)).size).toBe(candidates.length);
        for (const { form } of candidates) expect(isIdForm(form)).toBe(true);
        if (mode === "auto") expect(candidates[0]).toEqual({ id, form: "exact" });
        expect(likeliestId(id, mode, null)).toEqual(candidates[0]);
      }),
    );
  });

  test("a form that proved right once finds the next id at once", () => {
    fc.assert(
      fc.property(idText, (id) => {
        for (const candidate of candidateIds(id, "auto"))
          expect(likeliestId(id, "auto", candidate.form)).toEqual(candidate);
      }),
    );
  });

  test("a 64-bit counter is found across hexadecimal and decimal, in either case", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (counter) => {
        const [decimal, hex] = [counter.toString(), counter.toString(16)];
        for (const submitId of [hex, hex.toUpperCase(), hex.padStart(16, "0")]) {
          expect(ids(decimal, "auto")).toContain(submitId);
          expect(ids(decimal, "hex-in-submit")).toContain(submitId);
        }
        for (const receiptId of [hex, hex.toUpperCase(), hex.padStart(16, "0")]) {
          expect(ids(receiptId, "auto")).toContain(decimal);
          expect(ids(receiptId, "hex-in-receipt")).toContain(decimal);
        }
      }),
    );
  });

  test("of 60 KB the candidates are all the same", () => {
    expect(ids("0".repeat(60_000), "auto")).toContain("0");
    expect(ids("a-".repeat(30_000), "auto")).toHaveLength(2);
  });
});
