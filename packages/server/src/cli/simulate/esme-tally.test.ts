import { expect, test } from "vitest";
import { EsmeTally, summaryLines } from "./esme-tally.ts";

test("answers and receipts are counted and timed, in whichever order they come", () => {
  const tally = new EsmeTally(true);
  for (let at = 0; at < 4; at++) tally.submits(at);
  expect(tally.underWay).toBe(4);
  tally.receipt("b", "UNDELIV", 30);
  tally.answered("a", 0, 10);
  tally.answered("b", 1, 21);
  tally.refusal("ESME_RTHROTTLED", 2, 12);
  tally.unanswered++;
  expect({ underWay: tally.underWay, awaited: tally.awaited }).toEqual({ underWay: 0, awaited: 1 });
  tally.receipt("a", "DELIVRD", 100);
  tally.receipt("a", "DELIVRD", 101);
  expect(tally.summary).toEqual({
    submitted: 4,
    accepted: 2,
    refused: { ESME_RTHROTTLED: 1 },
    unanswered: 1,
    receipts: { UNDELIV: 1, DELIVRD: 2 },
    without_receipt: 0,
    other_receipts: 1,
    inbound: 0,
    seconds: 0,
    per_second: 166.7,
    answer_ms: { p50: 10, p95: 20, p99: 20, worst: 20 },
    receipt_ms: { p50: 100, p95: 100, p99: 100, worst: 100 },
  });
});

test("percentiles are those of the values", () => {
  const tally = new EsmeTally(false);
  for (let ms = 1; ms <= 100; ms++) {
    tally.submits(0);
    tally.answered(`${ms}`, 0, ms);
  }
  expect(tally.awaited).toBe(0);
  expect(tally.summary.answer_ms).toEqual({ p50: 51, p95: 96, p99: 100, worst: 100 });
});

test("the lines for people leave out what there is not", () => {
  const tally = new EsmeTally(true);
  expect(summaryLines(tally.summary)).toEqual(["receipts   0"]);
  tally.submits(0);
  tally.answered("a", 0, 1_500);
  expect(summaryLines(tally.summary)).toEqual([
    "submitted  1 in 1.5 s, 0 a second: 1 accepted",
    "answers    p50 1500, p95 1500, p99 1500, worst 1500 ms",
    "receipts   0, 1 have not come",
  ]);
});
