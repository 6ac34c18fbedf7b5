import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Pace, type PaceOptions } from "./pace.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: 0 }));
afterEach(() => void vi.useRealTimers());

const clock = { now: () => Date.now() };

function pace(options: Partial<PaceOptions> = {}): Pace {
  return new Pace({ window: 100, throughput: 0, clock, onFree: () => {}, ...options });
}

/** Starts whatever may start. */
function take(pace: Pace): number {
  let taken = 0;
  for (; pace.free > 0; taken++) pace.started();
  return taken;
}

/** Milliseconds until `onFree` is called. */
function untilFree(onFree: ReturnType<typeof vi.fn>): number {
  const before = onFree.mock.calls.length;
  const from = Date.now();
  vi.advanceTimersToNextTimer();
  expect(onFree).toHaveBeenCalledTimes(before + 1);
  return Date.now() - from;
}

describe("the window", () => {
  test("bounds what is under way", () => {
    const slow = pace({ window: 3 });
    expect(slow.free).toBe(3);
    expect(take(slow)).toBe(3);
    slow.answered();
    expect(slow.free).toBe(1);
    slow.dropped();
    slow.unanswered();
    expect(slow.free).toBe(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("halves when the carrier asks to slow down, down to 1, and grows by one with each answer", () => {
    const onFree = vi.fn();
    const slow = pace({ window: 20, onFree });
    for (const window of [10, 5, 2, 1, 1]) {
      slow.started();
      slow.slowDown("throttled");
      expect(slow.free).toBe(0);
      untilFree(onFree);
      expect(slow.free).toBe(window);
    }
    for (let window = 2; window <= 20; window++) {
      slow.started();
      slow.answered();
      expect(slow.free).toBe(window);
    }
    slow.started();
    slow.answered();
    expect(slow.free).toBe(20);
  });
});

describe("a pause", () => {
  test.each([
    ["throttled", [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 30_000]],
    ["queue_full", [1_000, 1_900, 5_000, 15_000, 30_000, 30_000]],
  ] as const)("for %s is under 2 s at first, then longer and longer", (reason, pauses) => {
    const onFree = vi.fn();
    const slow = pace({ onFree });
    for (const pause of pauses) {
      slow.started();
      slow.slowDown(reason);
      expect(untilFree(onFree)).toBe(pause + 1);
    }
  });

  test("is asked for once by all answers that come in it", () => {
    const onFree = vi.fn();
    const slow = pace({ window: 40, onFree });
    expect(take(slow)).toBe(40);
    for (let answers = 0; answers < 20; answers++) slow.slowDown("throttled");
    for (let answers = 0; answers < 20; answers++) slow.answered();
    expect(untilFree(onFree)).toBe(251);
    expect(slow.free).toBe(20);
    slow.started();
    slow.slowDown("throttled");
    expect(untilFree(onFree)).toBe(501);
  });

  test("is short again after an answer", () => {
    const onFree = vi.fn();
    const slow = pace({ onFree });
    for (const expected of [251, 501, 1_001]) {
      slow.started();
      slow.slowDown("throttled");
      expect(untilFree(onFree)).toBe(expected);
    }
    slow.started();
    slow.answered();
    slow.started();
    slow.slowDown("throttled");
    expect(untilFree(onFree)).toBe(251);
  });

  test("is not lengthened by a clock that is set back", () => {
    const onFree = vi.fn();
    const slow = pace({ onFree });
    slow.started();
    slow.slowDown("throttled");
    vi.setSystemTime(-3_600_000);
    vi.advanceTimersByTime(251);
    expect(onFree).toHaveBeenCalledTimes(1);
    expect(slow.free).toBe(50);
  });

  test("comes after a window of submits that had no answer, and is asked for by no fewer", () => {
    const onFree = vi.fn();
    const slow = pace({ window: 10, onFree });
    for (let submits = 0; submits < 100; submits++) {
      slow.started();
      if (submits % 10 === 9) slow.answered();
      else slow.unanswered();
    }
    expect(slow.free).toBe(10);
    for (const [window, pause] of [
      [10, 250],
      [5, 1_000],
      [2, 5_000],
      [1, 15_000],
      [1, 30_000],
    ] as const) {
      expect(take(slow)).toBe(window);
      for (let submits = 0; submits < window; submits++) slow.unanswered();
      expect(slow.free).toBe(0);
      expect(untilFree(onFree)).toBe(pause + 1);
    }
  });

  test("is not asked for by links that break", () => {
    const slow = pace({ window: 10 });
    for (let submits = 0; submits < 100; submits++) {
      slow.started();
      slow.dropped();
    }
    expect(slow.free).toBe(10);
  });
});

describe("the throughput", () => {
  test.each([0.5, 1, 3, 10, 50, 333, 1_000, 5_000])(
    "of %d a second is met exactly over time, and never exceeded",
    (throughput) => {
      const starts: number[] = [];
      const paced: Pace = pace({
        window: 1_000_000,
        throughput,
        onFree: () => go(),
      });
      const go = () => {
        for (let taken = take(paced); taken > 0; taken--) {
          starts.push(Date.now());
          paced.answered();
        }
      };
      go();
      vi.advanceTimersByTime(10_000);
      const burst = Math.max(1, throughput / 10);
      expect(Math.abs(starts.length - Math.floor(burst + throughput * 10))).toBeLessThanOrEqual(
        1 + Math.ceil(throughput / 500),
      );
      for (let from = 0, to = 0; to < starts.length; to++) {
        while ((starts[to] as number) - (starts[from] as number) > 1_000) from++;
        expect(to - from + 1).toBeLessThanOrEqual(throughput + burst + 1e-6);
      }
    },
  );

  test("allows no burst after a time without messages", () => {
    const paced = pace({ throughput: 50 });
    take(paced);
    vi.advanceTimersByTime(3_600_000);
    expect(take(paced)).toBe(5);
  });

  test("wakes when the next token is there, and not while the window is full", () => {
    const onFree = vi.fn();
    const paced = pace({ window: 2, throughput: 4, onFree });
    expect(paced.free).toBe(1);
    paced.started();
    expect(paced.free).toBe(0);
    expect(untilFree(onFree)).toBe(251);
    paced.started();
    expect(paced.free).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("survives a clock that is set back or on", () => {
    const onFree = vi.fn();
    const paced = pace({ throughput: 10, onFree });
    take(paced);
    vi.setSystemTime(-3_600_000);
    expect(paced.free).toBe(0);
    expect(untilFree(onFree)).toBe(101);
    expect(take(paced)).toBe(1);
    vi.setSystemTime(3_600_000);
    expect(take(paced)).toBe(1);
  });
});

test("free is a whole number, never negative and never beyond the window, whatever happens", () => {
  const events = fc.array(
    fc.oneof(
      fc.constantFrom("start", "answered", "throttled", "queue_full", "unanswered", "dropped"),
      fc.integer({ min: -2_000, max: 5_000 }),
    ),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.constantFrom(0, 0.3, 7, 400), events, (window, throughput, all) => {
      vi.setSystemTime(0);
      const paced = pace({ window, throughput });
      let underWay = 0;
      for (const event of all) {
        if (typeof event === "number") {
          if (event < 0) vi.setSystemTime(Date.now() + event);
          else vi.advanceTimersByTime(event);
        } else if (event === "start") {
          if (paced.free > 0) {
            paced.started();
            underWay++;
          }
        } else if (underWay > 0) {
          underWay--;
          if (event === "throttled" || event === "queue_full") paced.slowDown(event);
          else paced[event as "answered" | "unanswered" | "dropped"]();
        }
        expect(Number.isInteger(paced.free)).toBe(true);
        expect(paced.free).toBeGreaterThanOrEqual(0);
        expect(paced.free + underWay).toBeLessThanOrEqual(Math.max(window, underWay));
      }
      // Nothing is stuck for good.
      for (; underWay > 0; underWay--) paced.answered();
      vi.advanceTimersByTime(40_000);
      expect(paced.free).toBeGreaterThan(0);
      paced.stop();
    }),
  );
});

test("stops its timer, and starts none for answers that come later", () => {
  const onFree = vi.fn();
  const slow = pace({ throughput: 1, onFree });
  slow.started();
  expect(slow.free).toBe(0);
  expect(vi.getTimerCount()).toBe(1);
  slow.stop();
  expect(vi.getTimerCount()).toBe(0);
  slow.slowDown("queue_full");
  expect(slow.free).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
