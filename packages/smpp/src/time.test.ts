import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAbsoluteTime, formatRelativeTime, parseTime } from "./time.ts";

describe("an absolute time", () => {
  test.each([
    ["240131235959900+", "2024-01-31T23:59:59.900Z"],
    ["2401312359599 0+", undefined],
    ["240131235959948+", "2024-01-31T11:59:59.900Z"],
    ["240131235959004+", "2024-01-31T22:59:59.000Z"],
    ["240131235959004-", "2024-02-01T00:59:59.000Z"],
    ["240131235959149+", undefined],
    ["240229000000000+", "2024-02-29T00:00:00.000Z"],
    ["230229000000000+", undefined],
    ["241301000000000+", undefined],
    ["240100000000000+", undefined],
    ["240101240000000+", undefined],
    ["240101006000000+", undefined],
    ["240101000060000+", undefined],
    ["", undefined],
  ])("%s is %s", (text, expected) => {
    const time = parseTime(text);
    expect(time?.kind === "absolute" ? time.date.toISOString() : undefined).toBe(expected);
  });

  test("is read as it was written, to a tenth of a second", () => {
    const tenths = fc.integer({ min: Date.UTC(2000, 0) / 100, max: Date.UTC(2099, 11, 31) / 100 });
    fc.assert(
      fc.property(tenths, (tenth) => {
        const date = new Date(tenth * 100);
        expect(parseTime(formatAbsoluteTime(date))).toEqual({ kind: "absolute", date });
      }),
    );
  });

  test("is written in UTC", () => {
    expect(formatAbsoluteTime(new Date("2024-05-06T07:08:09.987Z"))).toBe("240506070809900+");
    expect(() => formatAbsoluteTime(new Date("1999-12-31T23:59:59Z"))).toThrow(RangeError);
    expect(() => formatAbsoluteTime(new Date(Number.NaN))).toThrow(RangeError);
  });
});

describe("a relative time", () => {
  test.each([
    [0, "000000000000000R"],
    [90, "000000000130000R"],
    [172_800, "000002000000000R"],
    [31 * 86_400, "000031000000000R"],
  ])("of %i s is %s", (seconds, expected) => {
    expect(formatRelativeTime(seconds)).toBe(expected);
  });

  test.each([-1, 0.5, 31 * 86_400 + 1, Number.NaN])("of %d s has no form", (seconds) => {
    expect(() => formatRelativeTime(seconds)).toThrow(RangeError);
  });

  test("is read as it was written", () => {
    expect(parseTime("020610233429000R")).toEqual({
      kind: "relative",
      years: 2,
      months: 6,
      days: 10,
      hours: 23,
      minutes: 34,
      seconds: 29,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 31 * 86_400 }), (seconds) => {
        const time = parseTime(formatRelativeTime(seconds));
        if (time?.kind !== "relative") throw new Error("not relative");
        expect(((time.days * 24 + time.hours) * 60 + time.minutes) * 60 + time.seconds).toBe(seconds);
      }),
    );
  });
});
