import { expect, test } from "vitest";
import type { Logger } from "../runtime/log.ts";
import { Requests, type RequestsOptions } from "./requests.ts";

/** The lines of a log, and what was counted, of requests that are answered. */
function requestsOf(lines: RequestsOptions["lines"]) {
  const told: Record<string, unknown>[] = [];
  const counted: string[] = [];
  const tell = (line: object) => void told.push({ ...line });
  const requests = new Requests({
    log: { info: tell, warn: tell } as unknown as Logger,
    lines,
    count: (route, status) => void counted.push(`${route} ${status}`),
  });
  const answered = (id: string, status: number) =>
    requests.answered({ id, method: "GET", route: "/batch", path: "/batch", status, ms: 1, account: undefined });
  return { requests, answered, told, counted };
}

test.each([
  ["none", []],
  ["errors", ["refused", "failed"]],
  ["all", ["well", "refused", "failed"]],
] as const)("log.requests: %s", (lines, expected) => {
  const { answered, told, counted } = requestsOf(lines);
  answered("well", 200);
  answered("refused", 400);
  answered("failed", 500);
  expect(told.map(({ request }) => request)).toEqual(expected);
  expect(counted).toEqual(["GET /batch 200", "GET /batch 400", "GET /batch 500"]);
});

test("of the refusals of one status at most 60 a minute have a line, and the others are told of as one", () => {
  const { requests, answered, told } = requestsOf("errors");
  for (let times = 0; times < 80; times++) answered("again", 404);
  answered("other", 400);
  expect(told.map(({ request }) => request)).toEqual([...Array(60).fill("again"), "other"]);
  requests.close();
  expect(told.at(-1)).toEqual({ status: 404, times: 20 });
});
