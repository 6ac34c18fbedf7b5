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

test("offers to one engine for as long as it keeps up, else to that with the most room", () => {
  const { hands } = handOff();
  const engines = (one: number, other: number, received = 0) => [
    { node: 7, buffered: one, received },
    { node: 8, buffered: other, received: 0 },
  ];
  hands.update(engines(0, 0));
  const first = hands.offer(500);
  expect(first).toMatchObject({ node: 7, count: 500 });
  hands.send(first, messages(500));
  expect(hands.offer(1)).toMatchObject({ node: 7 });
  // One more than it may be behind, with what is on the way to it.
  hands.send(first, messages(1));
  expect(hands.offer(1)).toMatchObject({ node: 8 });
  // It has sent them, and the other goes on.
  hands.update(engines(0, 500, 501));
  expect(hands.offer(1)).toMatchObject({ node: 8 });
  hands.update(engines(0, 501, 501));
  expect(hands.offer(1)).toMatchObject({ node: 7 });
});

test("one that is full gets nothing, nor does one that is gone", () => {
  const { hands } = handOff();
  hands.update([{ node: 7, buffered: 7_900, received: 0 }]);
  expect(hands.offer(1)).toMatchObject({ node: 7 });
  hands.update([
    { node: 7, buffered: 8_000, received: 0 },
    { node: 8, buffered: 7_900, received: 0 },
  ]);
  expect(hands.offer(1)).toMatchObject({ node: 8 });
  hands.update([{ node: 9, buffered: 0, received: 0 }]);
  expect(hands.offer(1)).toMatchObject({ node: 9 });
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
