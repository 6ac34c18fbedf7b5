import { expect, test } from "vitest";
import { EndpointShares } from "./shares.ts";

const TIMEOUT_MS = 10_000;

interface Hook {
  id: string;
  accountId: number;
  endpoint: string;
  retry: boolean;
  url: string;
}

/** An endpoint whose share has grown, and whose receiver serves so many connections at a time: the others wait. */
function grown(served: number) {
  const clock = { time: 1, now: () => clock.time };
  const shares = new EndpointShares<Hook>({ inFlight: 1_024, perEndpoint: 256, clock, random: () => 0.5 });
  for (let id = 0; id < 100_000; id++) {
    shares.enqueue({ id: String(id), accountId: 1, endpoint: "a", retry: false, url: "http://a/" });
  }
  const busy: Hook[] = [];
  const waiting: Hook[] = [];
  const startAll = (): void => {
    for (let hook = shares.next(); hook !== null; hook = shares.next()) {
      (busy.length < served ? busy : waiting).push(hook);
    }
  };
  const serve = (count: number, freshMs: number | null = null): void => {
    for (let answered = 0; answered < count; answered++) {
      shares.finished(busy.shift()!, true, { freshMs });
      startAll();
    }
  };
  /** Those that wait by now have had no answer in time. */
  const expire = (): void => {
    for (const hook of waiting.splice(0)) {
      if (shares.finished(hook, false, { freshMs: TIMEOUT_MS, timedOut: true }) !== null) throw new Error("it fails");
    }
  };
  startAll();
  serve(served, 1);
  serve(5_000);
  clock.time += TIMEOUT_MS;
  serve(500);
  return { clock, busy, waiting, serve, expire };
}

test.each([4, 40])("where %i connections are served, the others take their slots with them", (served) => {
  const { clock, busy, waiting, serve, expire } = grown(served);
  expect({ busy: busy.length, waiting: waiting.length }).toEqual({ busy: served, waiting: 256 - served });
  expire();
  serve(500);
  expect({ busy: busy.length, waiting: waiting.length }).toEqual({ busy: served, waiting: 0 });
  for (let raise = 0; raise < 5; raise++) {
    clock.time += 2 * TIMEOUT_MS - 1;
    serve(500);
    expect(waiting).toEqual([]);
    // From time to time it is tried whether more are served by now.
    clock.time += 1;
    serve(500);
    expect(waiting).toHaveLength(served / 4);
    expire();
  }
});

test("where one that was made later was served, the request hangs, and the share stays", () => {
  const { busy, waiting, serve, expire } = grown(4);
  serve(1, TIMEOUT_MS / 2);
  waiting.splice(0, 241);
  expire();
  serve(500);
  expect(busy.length + waiting.length + 241).toBe(256);
});
