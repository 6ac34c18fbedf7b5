import fc from "fast-check";
import { expect, test } from "vitest";
import { carrierMessageId } from "./carrier-message-id.ts";

test.each([
  ["33E95179", "33E95179"],
  ["04062581461644996000141", "04062581461644996000141"],
  [" 7 ", "7"],
  ["\x007\0\0", "7"],
  ["a b", "a b"],
  ["\u00e9\u0001", "\u00e9\u0001"],
  ["x".repeat(255), "x".repeat(255)],
  ["", null],
  [" \0\t", null],
  ["x".repeat(256), null],
])("%j is kept as %j", (text, id) => {
  expect(carrierMessageId(text)).toBe(id);
});

test("of any octets what is kept can be stored and indexed, and is kept the same again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
      const id = carrierMessageId(Buffer.from(octets).toString("latin1"));
      if (id === null) return;
      expect(id).not.toContain("\0");
      expect(Buffer.byteLength(id)).toBeLessThanOrEqual(510);
      expect(carrierMessageId(id)).toBe(id);
    }),
  );
});
