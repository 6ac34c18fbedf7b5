import fc from "fast-check";
import { expect, test } from "vitest";
import { packSeptets, unpackSeptets } from "./septets.ts";

test("the packing of the specification's kind: hellohello", () => {
  expect(packSeptets(Buffer.from("hellohello"), 0).toString("hex")).toBe("e8329bfd4697d9ec37");
});

test("seven bits that are left are a carriage return, which is not read", () => {
  expect(packSeptets(Buffer.from("1234567"), 0).toString("hex")).toBe("31d98c56b3dd1a");
  expect(unpackSeptets(packSeptets(Buffer.from("1234567"), 0), 0).toString()).toBe("1234567");
});

test("behind a header the text begins at a septet's boundary", () => {
  // Six octets are 48 bits: one fills them up to 49.
  expect(packSeptets(Buffer.from("A"), 6).toString("hex")).toBe("82");
  expect(packSeptets(Buffer.from("A"), 7).toString("hex")).toBe("41");
});

test("any septets come back as they were", () => {
  // A text's own carriage return at the place of the filling one cannot be told from it.
  const septets = fc.uint8Array({ max: 0x7f, maxLength: 160 }).filter((all) => all.at(-1) !== 0x0d);
  fc.assert(
    fc.property(septets, fc.constantFrom(0, 6, 7), (all, header) => {
      expect([...unpackSeptets(packSeptets(all, header), header)]).toEqual([...all]);
    }),
  );
});
