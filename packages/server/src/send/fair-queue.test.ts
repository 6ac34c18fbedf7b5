import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FairQueue } from "./fair-queue.ts";

interface Item {
  accountId: number;
  place: number;
  name: number;
}

function item(accountId: number, name: number): Item {
  return { accountId, place: 0, name };
}

function drain(queue: FairQueue<Item>): Item[] {
  const all: Item[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) all.push(next);
  return all;
}

test("an account that floods the queue does not stand before another's one", () => {
  const queue = new FairQueue<Item>();
  for (let name = 0; name < 100_000; name++) queue.push(item(1, name));
  queue.push(item(2, 0));
  queue.push(item(3, 0));
  expect([1, 2, 3, 4, 5].map(() => queue.shift()?.accountId)).toEqual([1, 2, 3, 1, 1]);
  expect(queue.size).toBe(99_997);
});

test("accounts take turns, one item each", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 200 }), (accounts) => {
      const queue = new FairQueue<Item>();
      accounts.forEach((accountId, name) => void queue.push(item(accountId, name)));
      const left = new Map<number, number>();
      for (const account of accounts) left.set(account, (left.get(account) ?? 0) + 1);
      while (left.size > 0) {
        const round = [...left.keys()].map(() => queue.shift()?.accountId as number);
        expect(new Set(round)).toEqual(new Set(left.keys()));
        for (const account of round) {
          const count = (left.get(account) as number) - 1;
          if (count > 0) left.set(account, count);
          else left.delete(account);
        }
      }
      expect(queue.shift()).toBeUndefined();
    }),
  );
});

describe("what is put back", () => {
  test("keeps its place, in whatever order it comes back and whatever was taken meanwhile", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.infiniteStream(fc.nat(1_000)),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 100 }),
        (count, random, coins) => {
          const queue = new FairQueue<Item>();
          for (let name = 0; name < count; name++) queue.push(item(1, name));
          const out: Item[] = [];
          for (const takes of coins) {
            if (takes) out.push(...[queue.shift()].filter((taken) => taken !== undefined));
            else if (out.length > 0) queue.putBack(out.splice(random.next().value % out.length, 1)[0] as Item);
          }
          while (out.length > 0) queue.putBack(out.splice(random.next().value % out.length, 1)[0] as Item);
          expect(queue.size).toBe(count);
          expect(drain(queue).map(({ name }) => name)).toEqual(Array.from({ length: count }, (_, name) => name));
        },
      ),
    );
  });

  test("keeps its place when the room of hundreds was given back meanwhile", () => {
    const queue = new FairQueue<Item>();
    for (let name = 0; name < 1_000; name++) queue.push(item(1, name));
    const out = Array.from({ length: 700 }, () => queue.shift() as Item);
    const backwards = out.splice(0, 350).reverse();
    for (const taken of [...out, ...backwards]) queue.putBack(taken);
    queue.push(item(1, 1_000));
    expect(drain(queue).map(({ name }) => name)).toEqual(Array.from({ length: 1_001 }, (_, name) => name));
  });

  test("waits for its account's turn like anything else", () => {
    const queue = new FairQueue<Item>();
    queue.push(item(1, 0));
    queue.push(item(2, 0));
    queue.push(item(2, 1));
    const taken = queue.shift() as Item;
    queue.putBack(taken);
    expect(drain(queue).map(({ accountId }) => accountId)).toEqual([2, 1, 2]);
  });
});

test("it is a queue for each account, and the accounts' turns, whatever is done with it", () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ push: fc.nat(3) }) },
      { weight: 3, arbitrary: fc.constant("shift" as const) },
      { weight: 2, arbitrary: fc.record({ putBack: fc.nat(50) }) },
      { weight: 1, arbitrary: fc.record({ remove: fc.integer({ min: 2, max: 5 }) }) },
    ),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const queue = new FairQueue<Item>();
      /** The same, kept sorted: by account, in the order of their turns. */
      let model: [account: number, items: Item[]][] = [];
      const out: Item[] = [];
      const enter = (entered: Item): void => {
        const line = model.find(([account]) => account === entered.accountId)?.[1];
        if (line === undefined) model.push([entered.accountId, [entered]]);
        else line.push(entered);
        line?.sort((a, b) => a.place - b.place);
      };
      all.forEach((step, name) => {
        if (step === "shift") {
          const [account, items] = model.shift() ?? [0, []];
          const expected = items.shift();
          expect(queue.shift()).toBe(expected);
          if (expected !== undefined) out.push(expected);
          if (items.length > 0) model.push([account, items]);
        } else if ("push" in step) {
          const pushed = item(step.push, name);
          queue.push(pushed);
          enter(pushed);
        } else if ("putBack" in step) {
          const [back] = out.splice(step.putBack % Math.max(1, out.length), 1);
          if (back === undefined) return;
          queue.putBack(back);
          enter(back);
        } else {
          const goes = ({ name: number }: Item) => number % step.remove === 0;
          const removed = queue.remove(goes);
          expect(removed).toEqual(model.flatMap(([, items]) => items.filter(goes)));
          model = model.flatMap(([account, items]) => {
            const kept = items.filter((one) => !goes(one));
            return kept.length > 0 ? [[account, kept]] : [];
          });
        }
        expect(queue.size).toBe(model.reduce((size, [, items]) => size + items.length, 0));
      });
      expect(drain(queue)).toHaveLength(model.reduce((size, [, items]) => size + items.length, 0));
    }),
  );
});
