import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OUT_OF_REACH } from "./database-errors.ts";
import { outagesOf } from "./outages.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function rig() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });
  return { lines, outages: outagesOf(log), same: outagesOf(log) };
}

const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

test("what everybody meets is told once, by its cause, each minute, and when it is over", () => {
  const { lines, outages, same } = rig();
  for (let second = 0; second < 65; second++) {
    expect({
      refused: outages.tell(refused, "the heartbeat"),
      terminated: same.tell(new Error("Connection terminated"), "a poll"),
    }).toEqual({ refused: true, terminated: true });
    vi.advanceTimersByTime(1_000);
  }
  outages.tell(Object.assign(new Error("could not extend file"), { code: "53100" }), "a flush");
  outages.answered();
  vi.advanceTimersByTime(5_000);
  outages.answered();
  outages.answered();
  expect(lines).toMatchObject([
    { level: 40, msg: OUT_OF_REACH, work: "the heartbeat", reason: "connect ECONNREFUSED" },
    { level: 40, msg: `${OUT_OF_REACH}, still`, work: "a poll", times: 119 },
    { level: 40, msg: "the store's disk is full", work: "a flush" },
    { level: 30, msg: `over: ${OUT_OF_REACH}`, times: 130 },
    { level: 30, msg: "over: the store's disk is full" },
  ]);
});

test("what is no passing fault of the store is told by whoever meets it", () => {
  const { lines, outages } = rig();
  expect(outages.tell(Object.assign(new Error("division by zero"), { code: "22012" }), "a poll")).toBe(false);
  expect(lines).toEqual([]);
});
