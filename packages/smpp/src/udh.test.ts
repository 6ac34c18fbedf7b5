import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatenationUdh8, concatenationUdh16, readConcatenation, readUserData } from "./udh.ts";

describe("a concatenation header is read as it was written", () => {
  test.each([
    [8 as const, 255, concatenationUdh8],
    [16 as const, 65_535, concatenationUdh16],
  ])("with a reference of %i bits", (referenceBits, max, write) => {
    const part = fc
      .integer({ min: 1, max: 255 })
      .chain((total) => fc.tuple(fc.constant(total), fc.integer({ min: 1, max: total })));
    fc.assert(
      fc.property(fc.integer({ min: 0, max }), part, (reference, [total, sequence]) => {
        const read = readUserData(Buffer.concat([write(reference, total, sequence), Buffer.from("text")]));
        expect(read?.text.toString()).toBe("text");
        expect(readConcatenation(read?.elements ?? [])).toEqual({ reference, referenceBits, total, sequence });
      }),
    );
  });

  test("in the octets of the standard", () => {
    expect(concatenationUdh8(0xab, 3, 2)).toEqual(Buffer.from([5, 0, 3, 0xab, 3, 2]));
    expect(concatenationUdh16(0xabcd, 3, 2)).toEqual(Buffer.from([6, 8, 4, 0xab, 0xcd, 3, 2]));
  });
});

describe("a header whose lengths do not add up is none", () => {
  test.each([[[]], [[5]], [[5, 0, 3, 1, 2]], [[5, 0, 4, 1, 2, 1]], [[1, 0]], [[4, 0, 3, 1, 2]]])("%j", (octets) => {
    expect(readUserData(Buffer.from(octets))).toBeUndefined();
  });
});

describe("a concatenation that contradicts itself is ignored", () => {
  test.each([
    [[5, 0, 3, 1, 2, 0]],
    [[5, 0, 3, 1, 2, 3]],
    [[5, 0, 3, 1, 0, 0]],
    [[4, 0, 2, 1, 1]],
    [[5, 8, 3, 1, 2, 1]],
  ])("%j", (octets) => {
    expect(readConcatenation(readUserData(Buffer.from(octets))?.elements ?? [])).toBeUndefined();
  });
});

test("it is found among other elements, and the last counts", () => {
  const header = [0x0f, 0x24, 1, 1, 0, 3, 9, 2, 1, 0, 3, 7, 2, 2, 0];
  const octets = Buffer.from([15, ...header.slice(1), 0, 0x41]);
  const read = readUserData(octets);
  expect(read?.elements.map(({ iei }) => iei)).toEqual([0x24, 0, 0, 0]);
  expect(readConcatenation(read?.elements ?? [])).toEqual({ reference: 7, referenceBits: 8, total: 2, sequence: 2 });
});

test("no octets at all make it fail otherwise", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 140 }), (octets) => {
      const read = readUserData(Buffer.from(octets));
      if (read !== undefined) readConcatenation(read.elements);
    }),
  );
});
