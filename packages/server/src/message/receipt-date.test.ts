import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDate } from "./receipt-date.ts";

describe("a receipt's date", () => {
  test.each([
    ["1005242339", "2010-05-24T23:39:00Z"],
    ["080901113147", "2008-09-01T11:31:47Z"],
    ["201506201641", "2015-06-20T16:41:00Z"],
    ["200101020030", "2020-01-01T02:00:30Z"],
    ["20110314181741", "2011-03-14T18:17:41Z"],
    ["180711070000012+", "2018-07-11T04:00:00Z"],
    ["180711070000920-", "2018-07-11T12:00:00Z"],
    ["180711233000002-", "2018-07-12T00:00:00Z"],
    ["2026-09-05 14:30:10", "2026-09-05T14:30:10Z"],
    ["2026-09-05T14:30:10.123Z", "2026-09-05T14:30:10Z"],
    ["2026-09-05 14:30", "2026-09-05T14:30:00Z"],
    ["2402292359", "2024-02-29T23:59:00Z"],
  ])("%s is %s", (text, date) => {
    expect(readDate(text)).toEqual(new Date(date));
  });

  test.each([
    ["", "nothing"],
    ["0000000000", "absent"],
    ["000000000000", "absent"],
    ["00000000000000", "absent"],
    ["0000000000000000", "absent"],
    ["2302291200", "no leap year"],
    ["2313011200", "a thirteenth month"],
    ["2300011200", "no month"],
    ["2301001200", "no day"],
    ["2301012400", "a 25th hour"],
    ["2301011260", "a 61st minute"],
    ["000007000000000R", "a relative time"],
    ["2026-13-05 14:30:10", "a thirteenth month"],
    ["10052423390", "eleven digits"],
    ["١٠٠٥٢٤٢٣٣٩", "digits that are not ASCII"],
    ["yesterday", "a word"],
  ])("%j is none: %s", (text) => {
    expect(readDate(text)).toBeNull();
  });

  test("comes back from each of its forms", () => {
    const date = fc.date({
      min: new Date("2000-01-01T00:00:00Z"),
      max: new Date("2099-12-31T23:59:59Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, fc.integer({ min: -48, max: 48 }), (date, quarters) => {
        date.setUTCMilliseconds(0);
        const digits = date.toISOString().replaceAll(/\D/g, "").slice(0, 14);
        expect(readDate(digits)).toEqual(date);
        expect(readDate(digits.slice(2))).toEqual(date);
        expect(readDate(date.toISOString().replace("T", " ").slice(0, 19))).toEqual(date);
        const local = new Date(date.getTime() + quarters * 15 * 60_000)
          .toISOString()
          .replaceAll(/\D/g, "")
          .slice(2, 14);
        const offset = String(Math.abs(quarters)).padStart(2, "0");
        const readable = quarters > -48 && date.getUTCFullYear() > 2000 && date.getUTCFullYear() < 2099;
        if (readable) expect(readDate(`${local}0${offset}${quarters < 0 ? "-" : "+"}`)).toEqual(date);
      }),
    );
  });

  test("is a date or null for any text", () => {
    const near = fc.string({ unit: fc.constantFrom(..."0123456789+-R: T"), maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        const date = readDate(text);
        expect(date === null || !Number.isNaN(date.getTime())).toBe(true);
      }),
    );
  });
});
