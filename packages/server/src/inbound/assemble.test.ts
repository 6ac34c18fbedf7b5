import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assemble, close, type KeptPart } from "./assemble.ts";

const part = (sequence: number, text: string) => ({ sequence, dataCoding: 3, octets: Buffer.from(text, "latin1") });

/** Takes in the parts one at a time, as they are kept in between. */
function takeIn(arrivals: readonly ReturnType<typeof part>[], total: number): { texts: string[]; parts: KeptPart[] } {
  const texts: string[] = [];
  let parts: KeptPart[] = [];
  for (const arrival of arrivals) {
    const taken = assemble(parts, [arrival], total);
    texts.push(...taken.texts);
    parts = taken.parts;
  }
  return { texts, parts };
}

describe("parts of a long message", () => {
  test("make one text, whatever their order and however often they come, singly or together", () => {
    const words = fc.array(fc.string({ minLength: 1, maxLength: 5, unit: "grapheme-ascii" }), {
      minLength: 2,
      maxLength: 6,
    });
    const arrivals = words.chain((texts) => {
      const all = texts.map((text, index) => part(index + 1, text));
      const again = fc.array(fc.constantFrom(...all), { maxLength: 6 });
      return again
        .chain((extra) => fc.shuffledSubarray([...all, ...extra], { minLength: all.length + extra.length }))
        .map((order) => ({ texts, order }));
    });
    fc.assert(
      fc.property(arrivals, ({ texts, order }) => {
        const singly = takeIn(order, texts.length);
        const together = assemble([], order, texts.length);
        for (const { texts: passedOn, parts } of [singly, together]) {
          expect(passedOn).toEqual([texts.join("")]);
          expect(parts.every(({ passedOn: gone }) => gone)).toBe(true);
          expect(close(parts, texts.length)).toEqual([]);
        }
      }),
    );
  });

  test("that never all come go on with the gaps marked", () => {
    const { texts, parts } = takeIn([part(4, "d"), part(2, "b"), part(3, "c")], 6);
    expect(texts).toEqual([]);
    expect(close(parts, 6)).toEqual(["[…]bcd[…]"]);
  });

  test("that come after the others have gone on make a text of their own", () => {
    const early = takeIn([part(1, "a"), part(2, "b")], 3).parts.map((one) => ({ ...one, passedOn: true }));
    expect(assemble(early, [part(3, "c")], 3).texts).toEqual(["[…]c"]);
  });

  test("of a new message with an old one's reference do not mix with it", () => {
    const done = takeIn([part(1, "a"), part(2, "b")], 2);
    expect(done.texts).toEqual(["ab"]);
    expect(assemble(done.parts, [part(2, "d"), part(1, "c")], 2).texts).toEqual(["cd"]);
    const half = takeIn([part(1, "a")], 2);
    expect(assemble(half.parts, [part(1, "c"), part(2, "d")], 2).texts).toEqual(["a[…]", "cd"]);
  });

  describe("of another message with the reference of one that went on", () => {
    const first = ["a", "b", "c"].map((text, index) => part(index + 1, text));
    test.each<[string, ReturnType<typeof part>[], string[], string[]]>([
      ["that begins alike make it whole", [part(1, "a"), part(2, "y"), part(3, "z")], ["ayz"], []],
      ["that differs in its last alone make it whole", [part(1, "a"), part(2, "b"), part(3, "z")], ["abz"], []],
      ["that ends alike make it whole", [part(1, "x"), part(2, "y"), part(3, "c")], ["xyc"], []],
      ["that is alike in the middle make it whole", [part(1, "x"), part(2, "b"), part(3, "z")], ["xbz"], []],
      ["of which a part is missing wait for it", [part(1, "a"), part(3, "z")], [], ["a[…]z"]],
      [
        "do not mix with a repeat of the old one's last",
        [part(3, "c"), part(1, "x"), part(2, "y"), part(3, "z")],
        ["xyz"],
        [],
      ],
      [
        "do not mix with a repeat of all of the old one",
        [...first, part(1, "x"), part(2, "y"), part(3, "z")],
        ["xyz"],
        [],
      ],
      [
        "that is the same in another coding make it whole",
        first.map((one) => ({ ...one, dataCoding: 1 })),
        ["abc"],
        [],
      ],
    ])("%s", (_what, arrivals, texts, left) => {
      for (const known of [takeIn(first, 3).parts, assemble([], first, 3).parts]) {
        let [parts, passedOn] = [known, [] as string[]];
        for (const arrival of arrivals) {
          const taken = assemble(parts, [arrival], 3);
          passedOn.push(...taken.texts);
          parts = taken.parts;
        }
        expect(passedOn).toEqual(texts);
        expect(close(parts, 3)).toEqual(left);
        const together = assemble(known, arrivals, 3);
        expect(together.texts).toEqual(texts);
        expect(close(together.parts, 3)).toEqual(left);
      }
    });
  });
});
