import { expect, onTestFinished, test } from "vitest";
import { GroupCommit } from "./group-commit.ts";
import { createLog } from "./log.ts";
import { Poller } from "./poller.ts";
import { STUCK_MS, stuckLoops } from "./stuck.ts";

const log = createLog({ level: "silent", name: "test", readable: false });
const NOW = 1_000_000_000;
const ago = (ms: number) => NOW - ms;
const AN_HOUR = 3_600_000;

test.each<[string, number | null, number, boolean]>([
  ["has nothing to do", null, 0, false],
  ["is to go on in an hour", NOW + AN_HOUR, 0, false],
  ["is at it for as long as it may be", ago(STUCK_MS), 0, false],
  ["is at it for longer", ago(STUCK_MS + 1), 0, true],
  ["is at it for longer, but the store was away until just now", ago(AN_HOUR), ago(1), false],
  ["is at it for longer, and the store has been back for as long", ago(AN_HOUR), ago(STUCK_MS + 1), true],
])("a loop that %s", (_, dueAt, lastOutageAt, stuck) => {
  const others = [{ name: "another", dueAt: ago(10) }];
  expect(stuckLoops([{ name: "it", dueAt }, ...others], lastOutageAt, NOW)).toEqual(stuck ? ["it"] : []);
});

test("work that fails goes on; a poller whose work never ends does not", async () => {
  const hangs = new Poller("hangs", 1, log, () => new Promise(() => {}));
  const fails = new Poller("fails", 1, log, () => Promise.reject(new Error("the store is away")));
  const never = new Poller("was not started", 1, log, async () => false);
  onTestFinished(() => fails.stop());
  hangs.start();
  fails.start();
  const since = hangs.dueAt as number;
  const later = since + STUCK_MS + 100;
  await expect.poll(() => fails.dueAt).toBeGreaterThan(since + 100);
  expect(stuckLoops([hangs, fails, never], 0, later)).toEqual(["hangs"]);
});

test("a line is busy from its flush's begin to its end", async () => {
  let end = (_results: number[]): void => {};
  const line = new GroupCommit<number, number>({
    maxWeight: 10,
    maxInFlight: 1,
    isCommonFault: () => false,
    flush: () => new Promise((resolve) => (end = resolve)),
  });
  expect(line.busySince).toBeNull();
  const result = line.add(1);
  await expect.poll(() => line.busySince).not.toBeNull();
  end([2]);
  expect(await result).toBe(2);
  await line.drain();
  expect(line.busySince).toBeNull();
});
