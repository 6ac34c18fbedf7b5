import { beforeEach, describe, expect, test } from "vitest";
import { ProxyGate } from "./proxy-gate.ts";

const A = "https://a.example";
const B = "https://b.example";

let now = 0;
let told: string[] = [];
let gate = newGate();
beforeEach(() => {
  now = 0;
  told = [];
  gate = newGate();
});

function newGate(): ProxyGate {
  return new ProxyGate({
    now: () => now,
    onFault: (detail) => told.push(detail),
    onServing: () => told.push("serving"),
  });
}

/** Lets the next probe fall due and fail. @returns how long it was waited for */
function failedProbe(): number {
  const waited = gate.waitMs;
  now += waited;
  expect(gate.waitMs).toBe(0);
  expect(gate.start()).toBe(true);
  expect(gate.waitMs).toBe(Number.POSITIVE_INFINITY);
  gate.down("gone");
  gate.probeEnded(true);
  return waited;
}

describe("a proxy that is down", () => {
  test("is probed by one request at a time, after waits that grow to some seconds", () => {
    expect(gate.start()).toBe(false);
    gate.down("gone");
    expect(Array.from({ length: 8 }, failedProbe)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });

  test("is not waited for longer because of what was under way when it went", () => {
    gate.down("gone");
    now += 100;
    for (let request = 0; request < 100; request++) gate.down("gone");
    expect(gate.waitMs).toBe(150);
  });

  test("is known to have been at fault for those that were under way then", () => {
    now = 1_000;
    gate.down("gone");
    now = 1_500;
    gate.works();
    expect([gate.wasAtFault(400), gate.wasAtFault(600)]).toEqual([false, true]);
  });

  test("is used by all again once one request is served", () => {
    gate.down("gone");
    failedProbe();
    now += gate.waitMs;
    gate.start();
    gate.served(A);
    gate.probeEnded(false);
    expect(gate.waitMs).toBe(0);
    expect(gate.start()).toBe(false);
    expect(told).toEqual(["gone", "gone", "serving"]);
  });

  test("gives up its place to the next probe where one was never asked of it", () => {
    gate.down("gone");
    now += gate.waitMs;
    gate.start();
    gate.probeEnded(false);
    expect(gate.waitMs).toBe(0);
  });
});

describe("a refusal", () => {
  test("is the proxy's while it serves nobody else", () => {
    gate.served(B);
    now++;
    expect(gate.refused(A, "403")).toBe(true);
    now++;
    expect(gate.refused(B, "403")).toBe(true);
    now++;
    expect(gate.refused(A, "403")).toBe(true);
    expect(gate.waitMs).toBeGreaterThan(0);
    expect(told[0]).toBe("https://a.example: 403");
  });

  test("is the receiver's once another has been served since the one before, and holds up nobody", () => {
    expect(gate.refused(A, "403")).toBe(true);
    now++;
    gate.served(B);
    now++;
    gate.served(A);
    now++;
    expect(gate.refused(A, "403")).toBe(false);
    expect(gate.waitMs).toBe(0);
  });

  test("is not the receiver's because it was itself served before", () => {
    expect(gate.refused(A, "403")).toBe(true);
    now++;
    gate.served(A);
    now++;
    expect(gate.refused(A, "403")).toBe(true);
  });
});
