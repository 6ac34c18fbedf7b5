import { expect, test } from "vitest";
import { FAILING_AFTER } from "./endpoint-share.ts";
import { EndpointShares } from "./shares.ts";

/** An endpoint of which one webhook was delivered at `/good`; answers how many fail until the endpoint does. */
function failsAfter(pathOf: (index: number) => string, status: number | null, afterMs = 0): number {
  const clock = { time: 1_000_000, now: () => clock.time };
  const shares = new EndpointShares<{ id: string; accountId: number; endpoint: number; retry: boolean; url: string }>({
    ...{ inFlight: 1_024, perEndpoint: 256, clock, random: () => 0.5 },
  });
  const end = (id: string, path: string, delivered: boolean) => {
    shares.enqueue({ id, accountId: 1, endpoint: 1, retry: false, url: `http://a${path}` });
    return shares.finished(shares.next()!, delivered, { status });
  };
  end("first", "/good?id=1", true);
  clock.time += afterMs;
  for (let failed = 0; failed < 200; failed++) {
    if (end(String(failed), pathOf(failed), false) === "failing") return failed + 1;
  }
  return Number.POSITIVE_INFINITY;
}

test("an endpoint fails where the path fails that took the last, whatever comes after the path", () => {
  expect(failsAfter((index) => `/good?id=${index}`, 500)).toBe(FAILING_AFTER);
  expect(failsAfter((index) => (index % 2 === 0 ? "/bad" : "/good"), 500)).toBe(FAILING_AFTER);
});

test("it does not where a few others fail", () => {
  expect(failsAfter((index) => `/bad/${index % 4}?id=${index}`, 500)).toBe(Number.POSITIVE_INFINITY);
});

test.each<[string, (index: number) => string, number | null, number?]>([
  ["many do", (index) => `/bad/${index}`, 500],
  ["there is no answer", () => "/bad", null],
  ["what stands in front of it answers", () => "/bad", 503],
  ["the last was taken long ago", () => "/bad", 500, 600_001],
])("it does where %s", (_, path, status, afterMs) => {
  expect(failsAfter(path, status, afterMs)).toBe(FAILING_AFTER);
});
