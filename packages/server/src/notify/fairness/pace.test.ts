import { describe, expect, test } from "vitest";
import { seeded } from "../../../test/support/random.ts";
import { nextAttemptAt } from "../schedule.ts";
import { Heap } from "./heap.ts";
import { EndpointShares } from "./shares.ts";

const TRY_MS = 5;
const RETRY_DELAYS = [5, 60, 600, 3_600, 21_600];

interface Hook {
  id: string;
  accountId: number;
  endpoint: string;
  retry: boolean;
  url: string;
  tries: number;
}

/** How a receiver answers what comes at a time: null takes it, else it asks to be left alone for so long. */
type Limit = (now: number) => number | null;

/** So many in each period, and no more until the next; asks for what is left of it, in whole seconds. */
function inEach(periodMs: number, most: number): Limit {
  let period = 0;
  let taken = 0;
  return (now) => {
    if (Math.floor(now / periodMs) !== period) {
      period = Math.floor(now / periodMs);
      taken = 0;
    }
    return ++taken <= most ? null : Math.ceil(((period + 1) * periodMs - now) / 1_000) * 1_000;
  };
}

/** A bucket of tokens that fills at a rate; asks for a second. */
function bucket(perSecond: number, size: number): Limit {
  let tokens = size;
  let at = 0;
  return (now) => {
    tokens = Math.min(size, tokens + ((now - at) / 1_000) * perSecond);
    at = now;
    if (tokens < 1) return 1_000;
    tokens--;
    return null;
  };
}

/** Sends through the shares, in simulated time, until all is delivered. */
function send(webhooks: number, limit: Limit) {
  const random = seeded(7);
  const clock = { time: 100, now: () => clock.time };
  const shares = new EndpointShares<Hook>({ inFlight: 1_024, perEndpoint: 256, clock, random });
  const agenda = new Heap<{ at: number; run(): void }>(({ at }) => at);
  const result = { tries: 0, delivered: 0, seconds: 0, early: 0, mostTries: 0, failing: 0 };
  /** Until when the receiver is to be left alone, as far as the sender has been told. */
  let told = 0;
  const end = (hook: Hook, asked: number | null): void => {
    const tries = hook.tries + 1;
    result.mostTries = Math.max(result.mostTries, tries);
    if (asked !== null) told = Math.max(told, clock.time + asked);
    else result.delivered++;
    if (shares.finished(hook, asked === null, { askedMs: asked }) === "failing") result.failing++;
    if (asked === null) return;
    const at = nextAttemptAt({ tries, now: clock.time, retryDelays: RETRY_DELAYS, retryAfterMs: asked, random });
    agenda.push({ at: at!, run: () => shares.enqueue({ ...hook, tries, retry: true }) });
  };
  for (let id = 0; id < webhooks; id++) {
    shares.enqueue({ id: String(id), accountId: 1, endpoint: "a", retry: false, tries: 0, url: "http://a/" });
  }
  while (result.delivered < webhooks) {
    for (let hook = shares.next(); hook !== null; hook = shares.next()) {
      const tried = hook;
      result.tries++;
      if (clock.time < told) result.early++;
      const asked = limit(clock.time);
      agenda.push({ at: clock.time + TRY_MS * (0.9 + 0.2 * random()), run: () => end(tried, asked) });
    }
    const wakeAt = shares.nextWakeAt() ?? Number.POSITIVE_INFINITY;
    const event = (agenda.first?.at ?? Number.POSITIVE_INFINITY) <= wakeAt ? agenda.shift() : undefined;
    clock.time = Math.max(clock.time, event?.at ?? wakeAt);
    event?.run();
  }
  result.seconds = (clock.time - 100) / 1_000;
  return result;
}

describe("a receiver that asks for pauses", () => {
  test.each([
    ["100 in each second", 2_000, inEach(1_000, 100), 32],
    ["10 in each second", 200, inEach(1_000, 10), 45],
    ["6,000 in each minute", 20_000, inEach(60_000, 6_000), 260],
    ["50 a second, with 100 at once", 2_000, bucket(50, 100), 60],
  ])("and takes %s gets about that, with few tries in vain", (_, webhooks, limit, seconds) => {
    const { tries, early, mostTries, failing, seconds: took } = send(webhooks, limit);
    expect({ early, failing }).toEqual({ early: 0, failing: 0 });
    expect(tries / webhooks).toBeLessThan(1.3);
    expect(mostTries).toBeLessThanOrEqual(3);
    expect(took).toBeLessThan(seconds);
  });

  test("once gets all that it takes again after some minutes", () => {
    let asked = false;
    const limit: Limit = () => {
      if (asked) return null;
      asked = true;
      return 60_000;
    };
    const { tries, seconds } = send(100_000, limit);
    expect(tries).toBe(100_001);
    expect(seconds).toBeLessThan(600);
  });

  test("is left alone when it asks for nothing but pauses, like one that fails", () => {
    const random = seeded(7);
    const clock = { time: 0, now: () => clock.time };
    const shares = new EndpointShares<Hook>({ inFlight: 1_024, perEndpoint: 256, clock, random });
    for (let id = 0; id < 1_000; id++) {
      shares.enqueue({ id: String(id), accountId: 1, endpoint: "a", retry: false, tries: 0, url: "http://a/" });
    }
    let failing = 0;
    for (let tries = 0; tries < 100; tries++) {
      const hook = shares.next();
      if (hook !== null && shares.finished(hook, false, { askedMs: 1_000 }) === "failing") failing++;
      else if (hook === null) clock.time = shares.nextWakeAt()!;
    }
    expect(failing).toBe(1);
  });
});
