import { expect, test } from "vitest";
import { Gate } from "./gate.ts";

const A = 1;
const B = 2;
const C = 3;

/** Who has entered, in order. */
function rig(options: { most: number; mostOfOne?: number; waitMs?: number }) {
  const gate = new Gate({ mostOfOne: options.most, waitMs: 60_000, ...options });
  const entered: string[] = [];
  const enter = (name: string, account: number, weight = 1): void => {
    const wait = gate.enter(account, weight);
    if (wait === undefined) entered.push(name);
    else void wait.then(() => entered.push(name));
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { gate, entered, enter, settled };
}

test("what has room is inside at once, and leaves room again", () => {
  const { gate, entered, enter } = rig({ most: 3 });
  enter("a", A, 2);
  enter("b", B, 1);
  expect(entered).toEqual(["a", "b"]);
  gate.leave(A, 2);
  enter("c", C, 2);
  expect(entered).toEqual(["a", "b", "c"]);
  gate.leave(B, 1);
  gate.leave(C, 2);
  expect(gate.inside).toBe(0);
});

test("accounts take turns, however many of one wait", async () => {
  const { gate, entered, enter, settled } = rig({ most: 1 });
  enter("a1", A);
  for (const name of ["a2", "a3", "a4"]) enter(name, A);
  enter("b1", B);
  enter("b2", B);
  for (const account of [A, A, B, A, B]) {
    gate.leave(account, 1);
    await settled();
  }
  expect(entered).toEqual(["a1", "a2", "b1", "a3", "b2", "a4"]);
});

test("who waits for his own account's share holds up nobody else", async () => {
  const { gate, entered, enter, settled } = rig({ most: 10, mostOfOne: 0 });
  enter("a1", A, 2);
  enter("a2", A, 2);
  enter("b1", B, 2);
  expect(entered).toEqual(["a1", "b1"]);
  gate.leave(A, 2);
  await settled();
  expect(entered).toEqual(["a1", "b1", "a2"]);
});

test("who waits for room is not passed by what is lighter and came later", async () => {
  const { gate, entered, enter, settled } = rig({ most: 3 });
  enter("a", A, 2);
  enter("b", B, 3);
  enter("c", C, 1);
  expect(entered).toEqual(["a"]);
  gate.leave(A, 2);
  await settled();
  expect(entered).toEqual(["a", "b"]);
  gate.leave(B, 3);
  await settled();
  expect(entered).toEqual(["a", "b", "c"]);
});

test("what is heavier than the bound enters alone", async () => {
  const { gate, entered, enter, settled } = rig({ most: 3, mostOfOne: 1 });
  enter("a", A, 1);
  enter("b", B, 9);
  gate.leave(A, 1);
  await settled();
  expect(entered).toEqual(["a", "b"]);
});

test("who waits too long is refused, and those behind go on", async () => {
  const { gate, entered, enter, settled } = rig({ most: 2, waitMs: 20 });
  enter("a", A, 1);
  const heavy = gate.enter(B, 2);
  enter("c", C, 1);
  await expect(heavy).rejects.toMatchObject({ problem: "overloaded", retryAfter: expect.any(Number) });
  await settled();
  expect(entered).toEqual(["a", "c"]);
  gate.leave(A, 1);
  gate.leave(C, 1);
  expect(gate.inside).toBe(0);
});
