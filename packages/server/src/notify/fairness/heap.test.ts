import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "./heap.ts";

test("what was put in comes out by time, whatever goes in between", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 20 }))), (steps) => {
      const heap = new Heap<{ at: number }>(({ at }) => at);
      const model: number[] = [];
      for (const step of steps) {
        if (step === null) expect(heap.shift()?.at).toBe(model.shift());
        else {
          heap.push({ at: step });
          model.push(step);
          model.sort((one, other) => one - other);
        }
        expect(heap.first?.at).toBe(model[0]);
      }
    }),
  );
});
