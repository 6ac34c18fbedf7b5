import type { Stat } from "@messaging-plus/sdk";
import { expect, test } from "vitest";
import { deliveryRate, inSpans, RANGES, spansOf, sumsBy, total } from "./ranges.ts";

const none = { p50: null, p95: null, p99: null };
const stat = (at: string, rest: Partial<Stat>): Stat => ({
  ...{ at, accepted: 0, submitted: 0, delivered: 0, failed: 0, parts: 0, receipt_seconds: none, webhook_seconds: none },
  ...rest,
});

test("a range ends with the span that is not over, and has every span before it", () => {
  const now = Date.parse("2026-11-29T17:22:31.500Z");
  const ends = (spans: number[]) => [spans.length, ...[spans.at(0), spans.at(-1)].map((at) => new Date(at!).toJSON())];
  expect({
    hour: ends(spansOf(RANGES.hour, now)),
    day: ends(spansOf(RANGES.day, now)),
    month: ends(spansOf(RANGES.month, now)),
  }).toEqual({
    hour: [60, "2026-11-29T16:23:00.000Z", "2026-11-29T17:22:00.000Z"],
    day: [24, "2026-11-28T18:00:00.000Z", "2026-11-29T17:00:00.000Z"],
    month: [30, "2026-10-31T00:00:00.000Z", "2026-11-29T00:00:00.000Z"],
  });
});

test("items come to their spans, and nothing to the others", () => {
  const spans = spansOf({ ...RANGES.hour, spans: 3 }, Date.parse("2026-11-29T17:22:00Z"));
  const items = [stat("2026-11-29T17:20:00.000Z", { accepted: 1 }), stat("2026-11-29T17:22:00.000Z", { accepted: 3 })];
  expect(inSpans(items, spans).map((item) => item?.accepted)).toEqual([1, undefined, 3]);
});

test("sums by a group go over all spans, the largest first, with what has no value under null", () => {
  const items = [
    stat("a", { carrier: null, accepted: 9, failed: 1 }),
    stat("a", { carrier: "acme", submitted: 3, delivered: 2 }),
    stat("b", { carrier: "acme", submitted: 9, delivered: 8, failed: 2 }),
  ];
  expect(sumsBy(items, "carrier")).toEqual([
    { value: "acme", accepted: 0, submitted: 12, delivered: 10, failed: 2 },
    { value: null, accepted: 9, submitted: 0, delivered: 0, failed: 1 },
  ]);
  expect(total(items)).toEqual({ accepted: 9, submitted: 12, delivered: 10, failed: 3 });
});

test("the delivery rate is of what is final, and there is none of nothing", () => {
  expect(
    [{ delivered: 3, failed: 1 }, { delivered: 0, failed: 2 }, { delivered: 0, failed: 0 }, undefined].map(
      deliveryRate,
    ),
  ).toEqual([0.75, 0, null, null]);
});
