import { expect, test } from "vitest";
import { messageId, newBatchId } from "./id.ts";
import { FIRST_TRY, isTraced, messageSpan, ROOT, readTraceparent, traceparent } from "./trace.ts";

const ID = "01a209e4-176d-7660-b8de-a22610700001";

test("a message's trace is its identifier, and its spans differ from each other and from those of its batch", () => {
  const spans = [ROOT, 1, FIRST_TRY, FIRST_TRY + 1].map((number) => messageSpan(ID, number));
  expect(spans[0]).toEqual({ traceId: "01a209e4176d7660b8dea22610700001", spanId: "b8dea22610700001" });
  const neighbour = messageSpan(messageId(ID, 2), 1);
  expect(new Set([...spans, neighbour].map(({ spanId }) => spanId)).size).toBe(5);
  for (const { spanId } of spans) expect(spanId).toMatch(/^[\da-f]{16}$/);
});

test("about the share of messages is traced, of one batch and of many", () => {
  const batch = newBatchId(0);
  const ofOne = Array.from({ length: 10_000 }, (_, index) => messageId(batch, index + 1));
  const ofMany = Array.from({ length: 10_000 }, () => messageId(newBatchId(0), 1));
  for (const ids of [ofOne, ofMany]) {
    expect(ids.filter((id) => isTraced(id, 1))).toHaveLength(10_000);
    expect(ids.filter((id) => isTraced(id, 0))).toHaveLength(0);
    const tenth = ids.filter((id) => isTraced(id, 0.1)).length;
    expect(tenth).toBeGreaterThan(700);
    expect(tenth).toBeLessThan(1_300);
  }
});

test("traceparent is read as W3C Trace Context has it", () => {
  const span = messageSpan(ID, 1);
  expect(readTraceparent(traceparent(span, true))).toEqual(span);
  // A later version may have more fields.
  expect(readTraceparent(`01-${span.traceId}-${span.spanId}-03-more`)).toEqual(span);
  const { traceId, spanId } = span;
  for (const header of [
    undefined,
    "",
    "x",
    traceparent(span, false),
    `00-${"0".repeat(32)}-${spanId}-01`,
    `00-${traceId}-${"0".repeat(16)}-01`,
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}-011`,
  ]) {
    expect({ header, read: readTraceparent(header) }).toEqual({ header, read: null });
  }
});
