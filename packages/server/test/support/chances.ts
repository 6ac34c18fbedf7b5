import fc from "fast-check";

/** `npm run test:unit` sets MPLUS_TEST_QUICK: properties then take a twentieth of their chances. */
export const QUICK = process.env.MPLUS_TEST_QUICK !== undefined;

/** How many chances a property takes. */
export function chances(whole: number): number {
  return QUICK ? Math.ceil(whole / 20) : whole;
}

/**
 * Any character but half a surrogate pair. fast-check has one, `unit: "binary"`, whose tables cost each file that uses it
 * 4 s of CPU.
 */
export const anyCodePoint: fc.Arbitrary<string> = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((codePoint) => String.fromCodePoint(codePoint));
