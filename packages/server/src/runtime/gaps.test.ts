import { expect, test } from "vitest";
import { Gaps } from "./gaps.ts";

test("work between waits for what is under way, and what begins meanwhile waits for it", async () => {
  const gaps = new Gaps();
  const order: string[] = [];
  await gaps.begin();
  await gaps.begin();
  const between = gaps.between(async () => {
    order.push("between");
    await Promise.resolve();
    order.push("over");
    return 7;
  });
  const next = gaps.begin().then(() => order.push("next"));
  gaps.end();
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  gaps.end();
  expect(await between).toBe(7);
  await next;
  expect(order).toEqual(["between", "over", "next"]);
});

test("a fault of the work between is its caller's alone", async () => {
  const gaps = new Gaps();
  const between = gaps.between(() => Promise.reject(new Error("no store")));
  const next = gaps.begin();
  await expect(between).rejects.toThrow("no store");
  await next;
});
