import { expect, test } from "vitest";
import { type FromApi, PipeHandOff } from "./protocol.ts";

function handOff() {
  const sent: FromApi[] = [];
  return {
    hands: new PipeHandOff(
      (message) => sent.push(message),
      () => {},
    ),
    sent,
  };
}

const messages = (count: number) => Array.from({ length: count }, () => ({}) as never);

test("offers to the engine with the most room, which counts what is on the way to it", () => {
  const { hands } = handOff();
  hands.update([
    { node: 7, buffered: 100, received: 0 },
    { node: 8, buffered: 0, received: 0 },
  ]);
  const first = hands.offer(150);
  expect(first).toMatchObject({ node: 8, count: 150 });
  hands.send(first, messages(150));
  expect(hands.offer(1)).toMatchObject({ node: 7 });
  // The engine has them, and reports what is left.
  hands.update([
    { node: 7, buffered: 100, received: 0 },
    { node: 8, buffered: 20, received: 150 },
  ]);
  expect(hands.offer(1)).toMatchObject({ node: 8 });
});

test("engines with the same room take turns, and one that is gone gets nothing", () => {
  const { hands } = handOff();
  const engine = (node: number) => ({ node, buffered: 0, received: 0 });
  hands.update([engine(7), engine(8)]);
  const nodes = [hands.offer(1), hands.offer(1), hands.offer(1)].map(({ node }) => node);
  expect([...new Set(nodes)].sort()).toEqual([7, 8]);
  hands.update([engine(7)]);
  expect([hands.offer(1), hands.offer(1)].map(({ node }) => node)).toEqual([7, 7]);
});

test("offers none where no engine sends, or none has room; and half of its memory to one flush", () => {
  const { hands } = handOff();
  expect(hands.offer(1)).toMatchObject({ node: 0, count: 0 });
  hands.update([
    { node: 0, buffered: 0, received: 0 },
    { node: 8, buffered: 8_000, received: 0 },
  ]);
  expect(hands.offer(1)).toMatchObject({ node: 0, count: 0 });
  hands.update([{ node: 8, buffered: 0, received: 0 }]);
  expect(hands.offer(100_000)).toMatchObject({ node: 8, count: 4_000 });
});
