import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { DeliveryBatches } from "./delivery-batches.ts";
import type { AskedDelivery } from "./protocol.ts";

const delivery = { systemId: "acme", accountId: 1, pdus: [] };

function batches() {
  const sent: { holder: string; requests: number[] }[] = [];
  const made = new DeliveryBatches<string>((holder, deliveries: readonly AskedDelivery[]) => {
    sent.push({ holder, requests: deliveries.map(({ request }) => request) });
  });
  return { made, sent };
}

test("the deliveries of one turn go to their process in one message, and each has its own answer", async () => {
  const { made, sent } = batches();
  const [first, other, second] = ["one", "two", "one"].map((holder) => made.deliver(holder, delivery));
  await nextTurn();
  expect(sent).toEqual([
    { holder: "one", requests: [1, 3] },
    { holder: "two", requests: [2] },
  ]);
  made.answered("one", [
    { request: 3, delivered: 0x64 },
    { request: 1, delivered: 0 },
  ]);
  made.answered("two", [{ request: 2, delivered: "unbound" }]);
  expect(await Promise.all([first, other, second])).toEqual([0, "unbound", 0x64]);
  void made.deliver("one", delivery);
  await nextTurn();
  expect(sent.at(-1)).toEqual({ holder: "one", requests: [4] });
});

test("what a process that has ended was asked for has no answer", async () => {
  const { made } = batches();
  const [gone, kept] = ["one", "two"].map((holder) => made.deliver(holder, delivery));
  made.gone("one");
  expect(await gone).toBe("timeout");
  made.answered("one", [{ request: 1, delivered: 0 }]);
  made.answered("two", [{ request: 2, delivered: 0 }]);
  expect(await kept).toBe(0);
});
