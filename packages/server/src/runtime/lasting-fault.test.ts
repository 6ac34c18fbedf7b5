import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LastingFault } from "./lasting-fault.ts";

let lines: object[] = [];
const log = pino(
  { base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
  { write: (line: string) => lines.push(JSON.parse(line) as object) },
);
const what = "it rains";

beforeEach(() => {
  lines = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test("is one line when it begins, one a minute with a count, and one when it is over", () => {
  const rain = new LastingFault({ log, what });
  expect(rain.lasts).toBe(false);
  for (let drop = 0; drop < 1_000; drop++) rain.happened({ drop });
  expect(lines).toEqual([{ level: "warn", drop: 0, msg: "it rains" }]);
  vi.advanceTimersByTime(60_000);
  expect(lines.slice(1)).toEqual([{ level: "warn", drop: 999, times: 999, msg: "it rains, still" }]);
  rain.happened({ drop: 1_000 });
  vi.advanceTimersByTime(60_000);
  expect(lines.slice(2)).toEqual([{ level: "warn", drop: 1_000, times: 1, msg: "it rains, still" }]);
  expect(rain.lasts).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(lines.slice(3)).toEqual([{ level: "info", times: 1_001, seconds: 180, msg: "over: it rains" }]);
  vi.advanceTimersByTime(3_600_000);
  expect(lines).toHaveLength(4);
});

test("that happened once is one line, and begins anew when it comes back", () => {
  const rain = new LastingFault({ log, what, level: "error" });
  rain.happened();
  vi.advanceTimersByTime(3_600_000);
  rain.happened();
  expect(lines).toEqual(Array(2).fill({ level: "error", msg: "it rains" }));
});

test("is over when that is said, once", () => {
  const rain = new LastingFault({ log, what });
  rain.over();
  expect(lines).toEqual([]);
  rain.happened();
  vi.advanceTimersByTime(1_500);
  rain.over();
  rain.over();
  expect(lines.slice(1)).toEqual([{ level: "info", times: 1, seconds: 2, msg: "over: it rains" }]);
  vi.advanceTimersByTime(3_600_000);
  expect(lines).toHaveLength(2);
});

test("lasts until it is said to be over where quiet is no sign of that", () => {
  const rain = new LastingFault({ log, what, endsWhenQuiet: false });
  rain.happened();
  vi.advanceTimersByTime(120_000);
  expect(lines.slice(1)).toEqual(Array(2).fill({ level: "warn", times: 0, msg: "it rains, still" }));
  rain.over();
  expect(lines.slice(3)).toEqual([{ level: "info", times: 1, seconds: 120, msg: "over: it rains" }]);
});

test("may be asked whether quiet is a sign of its end", () => {
  let wet = true;
  const rain = new LastingFault({ log, what, endsWhenQuiet: () => !wet });
  rain.happened();
  rain.happened();
  vi.advanceTimersByTime(180_000);
  expect(lines.slice(1)).toEqual([{ level: "warn", times: 1, msg: "it rains, still" }]);
  wet = false;
  vi.advanceTimersByTime(60_000);
  expect(lines.slice(2)).toEqual([{ level: "info", times: 2, seconds: 240, msg: "over: it rains" }]);
});

test("is silent once it is stopped", () => {
  const rain = new LastingFault({ log, what, endsWhenQuiet: false });
  rain.happened();
  rain.stop();
  vi.advanceTimersByTime(120_000);
  rain.over();
  expect(lines).toHaveLength(1);
});
