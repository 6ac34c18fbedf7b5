import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "./fifo.ts";

test("a queue gives out what was put in, in order, whatever is cut off its end", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("push" as const), count: fc.nat(100) }),
    fc.record({ kind: fc.constant("shift" as const), count: fc.nat(100) }),
    fc.record({ kind: fc.constant("cut" as const), count: fc.nat(50) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const queue = new Fifo<number>();
      const model: number[] = [];
      let next = 0;
      for (const { kind, count } of steps) {
        if (kind === "cut") expect(queue.cut(count)).toEqual(model.splice(count));
        for (let i = 0; kind === "push" && i < count; i++) {
          queue.push(++next);
          model.push(next);
        }
        for (let i = 0; kind === "shift" && i < count; i++) expect(queue.shift()).toBe(model.shift());
        expect(queue.size).toBe(model.length);
      }
    }),
  );
});
