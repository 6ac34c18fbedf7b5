import { expect, test } from "vitest";
import { together } from "./together.ts";

test("whoever asks while an answer is under way gets that one, and who asks after it another", async () => {
  let works = 0;
  const ask = together(async () => {
    await new Promise(setImmediate);
    return ++works;
  });
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  expect(await ask()).toBe(2);
});

test("a failure is told to all who wait for it, and to nobody after", async () => {
  let works = 0;
  const ask = together(async () => {
    if (++works === 1) throw new Error("away");
    return works;
  });
  const [one, other] = await Promise.allSettled([ask(), ask()]);
  expect([one.status, other.status, await ask()]).toEqual(["rejected", "rejected", 2]);
});
