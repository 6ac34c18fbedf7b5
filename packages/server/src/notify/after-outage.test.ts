import { describe, expect, test } from "vitest";
import { seeded } from "../../test/support/random.ts";
import { EndpointShares } from "./fairness/shares.ts";
import { nextAttemptAt } from "./schedule.ts";

/** What the default configuration has. */
const RETRY_DELAYS = [5, 60, 600, 3_600, 21_600];
const WEBHOOKS = 2_000;
const TRY_MS = 250;

interface Hook {
  id: string;
  accountId: number;
  endpoint: string;
  retry: boolean;
  url: string;
  tries: number;
}

/** A receiver in simulated time. `fails` judges a try by how many others are under way to it. */
function receive(fails: (underWay: number, random: () => number) => boolean) {
  const random = seeded(7);
  const clock = { time: 0, now: () => clock.time };
  const shares = new EndpointShares<Hook>({ inFlight: 1_024, perEndpoint: 256, clock, random });
  const agenda: { at: number; run(): void }[] = [];
  const counts = { delivered: 0, failed: 0, exhausted: 0, underWay: 0, most: 0 };
  const end = (hook: Hook, delivered: boolean): void => {
    counts.underWay--;
    shares.finished(hook, delivered);
    const tries = hook.tries + 1;
    if (delivered) {
      counts.delivered++;
      return;
    }
    counts.failed++;
    const at = nextAttemptAt({ tries, now: clock.time, retryDelays: RETRY_DELAYS, retryAfterMs: null, random });
    if (at === null) counts.exhausted++;
    else agenda.push({ at, run: () => shares.enqueue({ ...hook, tries, retry: true }) });
  };
  for (let id = 0; id < WEBHOOKS; id++) {
    shares.enqueue({ id: String(id), accountId: 1, endpoint: "a", retry: true, tries: 2, url: "http://a/" });
  }
  while (counts.delivered + counts.exhausted < WEBHOOKS) {
    for (let hook = shares.next(); hook !== null; hook = shares.next()) {
      const tried = hook;
      const delivered = !fails(counts.underWay++, random);
      counts.most = Math.max(counts.most, counts.underWay);
      agenda.push({ at: clock.time + TRY_MS * (0.9 + 0.2 * random()), run: () => end(tried, delivered) });
    }
    const wakeAt = shares.nextWakeAt();
    if (wakeAt !== null) agenda.push({ at: wakeAt, run: () => undefined });
    let next = 0;
    agenda.forEach(({ at }, index) => {
      if (at < agenda[next]!.at) next = index;
    });
    const [event] = agenda.splice(next, 1);
    clock.time = Math.max(clock.time, event!.at);
    event!.run();
  }
  return counts;
}

describe("what fell due during an outage, all of it on its third try", () => {
  test.each([5, 10, 50, 100])(
    "comes back to a receiver that fails beyond %i at a time so that it is served",
    (most) => {
      const { delivered, failed, exhausted } = receive((underWay) => underWay >= most);
      expect({ delivered, exhausted }).toEqual({ delivered: WEBHOOKS, exhausted: 0 });
      expect(failed / (failed + delivered)).toBeLessThan(0.35);
    },
  );

  test("comes back as fast as allowed to a receiver that fails now and then, whatever it is given", () => {
    const { most, failed } = receive((_, random) => random() < 0.05);
    expect(most).toBe(256);
    expect(failed).toBeLessThan(WEBHOOKS / 10);
  });
});
