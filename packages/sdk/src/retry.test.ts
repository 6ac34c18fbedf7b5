import { describe, expect, test } from "vitest";
import { NoAnswerError, ProblemError } from "./errors.ts";
import { retryAfter, waitAfter } from "./retry.ts";

const problem = (status: number, seconds: number | null = null) =>
  new ProblemError({ type: "about:blank", title: "", status, detail: "" }, seconds);

describe("the wait before a request is made again", () => {
  test.each<[string, unknown, number | null, number | null]>([
    ["no answer", new NoAnswerError(""), 250, null],
    ["400", problem(400), null, null],
    ["404", problem(404), null, null],
    ["408", problem(408), 250, null],
    ["409", problem(409), null, null],
    ["429", problem(429), 250, 250],
    ["429 for 2 s", problem(429, 2), 2_250, 2_250],
    ["429 for a minute", problem(429, 60), null, null],
    ["500", problem(500), 250, null],
    ["503 for 10 s", problem(503, 10), 10_250, null],
    ["503 for 11 s", problem(503, 11), null, null],
    ["307", problem(307), null, null],
    ["an abort", new DOMException("", "AbortError"), null, null],
  ])("after %s", (_name, error, repeatable, other) => {
    expect({ repeatable: waitAfter(error, true, 0, 0), other: waitAfter(error, false, 0, 0) }).toEqual({
      repeatable,
      other,
    });
  });

  test("doubles, and is shortened by up to a half at random", () => {
    const waits = [0, 1, 2, 3].map((attempt) => waitAfter(problem(503), true, attempt, 0));
    expect(waits).toEqual([250, 500, 1_000, 2_000]);
    expect(waitAfter(problem(503), true, 1, 1)).toBe(250);
    expect(waitAfter(problem(503, 3), true, 0, 1)).toBe(3_125);
  });
});

test.each([
  [null, null],
  ["0", 0],
  ["120", 120],
  ["Thu, 01 Jan 1970 00:01:00 GMT", 50],
  ["Thu, 01 Jan 1970 00:00:01 GMT", 0],
  ["soon", null],
  ["", null],
])("Retry-After: %s", (header, seconds) => {
  expect(retryAfter(header, 10_000)).toBe(seconds);
});
