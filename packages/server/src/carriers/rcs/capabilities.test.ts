import { describe, expect, test } from "vitest";
import { Capabilities, capabilitiesUrl, isReachable } from "./capabilities.ts";

const HOUR_MS = 3_600_000;

test("each question has an id of its own", () => {
  const urls = [1, 2].map(
    () => new URL(capabilitiesUrl("447700900123", { baseUrl: "https://rbm.example.com/", agentId: "a&b" })),
  );
  expect(urls[0]!.pathname).toBe("/v1/phones/+447700900123/capabilities");
  expect(urls[0]!.searchParams.get("agentId")).toBe("a&b");
  expect(new Set(urls.map(({ searchParams }) => searchParams.get("requestId"))).size).toBe(2);
});

test.each<[number, string, boolean | null, boolean | null]>([
  [200, '{"features":["RICHCARD_STANDALONE"]}', true, true],
  [200, "{}", true, true],
  [404, '{"error":{"code":404,"status":"NOT_FOUND"}}', false, false],
  [404, "{}", null, false],
  [404, "<html>", null, false],
  [404, "null", null, false],
  [403, '{"error":{"code":403,"status":"PERMISSION_DENIED"}}', null, null],
  [429, "", null, null],
  [500, "", null, null],
])("an answer %i %s says %s, and %s once the platform has told of another handset", (status, body, before, after) => {
  expect([isReachable(status, body, false), isReachable(status, body, true)]).toEqual([before, after]);
});

describe("a handset", () => {
  function rig(answers: (boolean | null)[], most?: number) {
    let now = 0;
    let asked = 0;
    const capabilities = new Capabilities({ now: () => now }, most);
    const ask = async () => answers[asked++] ?? null;
    return {
      capabilities,
      of: (handset = "1") => capabilities.of(handset, ask),
      pass: (ms: number) => {
        now += ms;
      },
      asked: () => asked,
    };
  }

  test("is asked for once, by all who ask at one time too", async () => {
    const { of, asked } = rig([true]);
    expect(await Promise.all([of(), of()])).toEqual([true, true]);
    expect(await of()).toBe(true);
    expect(asked()).toBe(1);
  });

  test("without RCS is asked for again after an hour, one with it after a week", async () => {
    const { of, pass, asked } = rig([false, true, true]);
    expect(await of()).toBe(false);
    pass(HOUR_MS - 1);
    expect(await of()).toBe(false);
    pass(1);
    expect(await of()).toBe(true);
    pass(7 * 24 * HOUR_MS - 1);
    expect([await of(), asked()]).toEqual([true, 2]);
    pass(1);
    expect([await of(), asked()]).toEqual([true, 3]);
  });

  test("of which the platform says nothing is asked for again", async () => {
    const { of, asked } = rig([null, null]);
    expect([await of(), await of(), asked()]).toEqual([null, null, 2]);
  });

  test("whose question failed is asked for again", async () => {
    const { capabilities } = rig([]);
    await expect(capabilities.of("1", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    expect(await capabilities.of("1", async () => true)).toBe(true);
  });

  test("that was noted last is remembered longest", async () => {
    const { capabilities, of, asked } = rig([null, null], 2);
    capabilities.note("1", true);
    capabilities.note("2", true);
    capabilities.note("1", false);
    capabilities.note("3", true);
    expect([await of("1"), await of("3"), asked()]).toEqual([false, true, 0]);
    expect([await of("2"), asked()]).toEqual([null, 1]);
  });
});
