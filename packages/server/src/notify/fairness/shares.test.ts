import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FAILING_AFTER, FIRST_SHARE } from "./endpoint-share.ts";
import { EndpointShares, type SharesOptions, type Transition } from "./shares.ts";

interface Hook {
  id: string;
  accountId: number;
  endpoint: string;
  retry: boolean;
  url: string;
}

function shares(options: Partial<SharesOptions> = {}) {
  const clock = { time: 0, now: () => clock.time };
  const transitions: Transition[] = [];
  const all = new EndpointShares<Hook>({
    inFlight: 1_024,
    perEndpoint: 256,
    clock,
    random: () => 0.5,
    ...options,
  });
  const finish = (hook: Hook, delivered: boolean): void => {
    const transition = all.finished(hook, delivered);
    if (transition !== null) transitions.push(transition);
  };
  let ids = 0;
  const enqueue = (endpoint: string, count = 1, { accountId = 1, retry = false } = {}): void => {
    for (let i = 0; i < count; i++)
      all.enqueue({ id: `${endpoint}-${++ids}`, accountId, endpoint, retry, url: `http://${endpoint}/` });
  };
  const startAll = (): Hook[] => {
    const started: Hook[] = [];
    for (let hook = all.next(); hook !== null; hook = all.next()) started.push(hook);
    return started;
  };
  const finishAll = (hooks: readonly Hook[], delivered: boolean): void => {
    for (const hook of hooks) finish(hook, delivered);
  };
  /** Fails what is started until nothing more is. */
  const failAll = (): number => {
    let failed = 0;
    for (let hooks = startAll(); hooks.length > 0; hooks = startAll()) {
      finishAll(hooks, false);
      failed += hooks.length;
    }
    return failed;
  };
  return { all, clock, transitions, enqueue, finish, startAll, finishAll, failAll };
}

const counts = (hooks: readonly Hook[], key: "endpoint" | "accountId"): Record<string, number> => {
  const result: Record<string, number> = {};
  for (const hook of hooks) result[hook[key]] = (result[hook[key]] ?? 0) + 1;
  return result;
};

describe("an endpoint's share", () => {
  test("starts small and doubles with every round of successes up to the bound", () => {
    const { enqueue, startAll, finishAll } = shares({ perEndpoint: 100 });
    enqueue("a", 10_000);
    const rounds: number[] = [];
    for (let round = 0; round < 6; round++) {
      const started = startAll();
      rounds.push(started.length);
      finishAll(started, true);
    }
    expect(rounds[0]).toBe(FIRST_SHARE);
    expect(rounds).toEqual([...rounds].sort((a, b) => a - b));
    expect(rounds.at(-1)).toBe(100);
  });

  test("does not grow while little of it is used", () => {
    const { enqueue, startAll, finishAll } = shares();
    for (let i = 0; i < 100; i++) {
      enqueue("a");
      finishAll(startAll(), true);
    }
    enqueue("a", 1_000);
    expect(startAll()).toHaveLength(FIRST_SHARE);
  });

  test("is twice what is used of it, so that a load that doubles finds room", () => {
    const { enqueue, finish, startAll } = shares();
    enqueue("a", 50);
    const underWay = startAll();
    for (let ended = 0; ended < 1_000; ended++) {
      finish(underWay.shift()!, true);
      enqueue("a");
      underWay.push(...startAll());
    }
    expect(underWay).toHaveLength(50);
    enqueue("a", 1_000);
    expect(startAll().length).toBeGreaterThanOrEqual(50);
  });

  test("shrinks with failure", () => {
    const { enqueue, startAll, finishAll } = shares();
    enqueue("a", 1_000);
    const first = startAll();
    finishAll(first, false);
    expect(startAll().length).toBeLessThan(first.length);
  });

  test("stays wide where one in fifty fails", () => {
    const { enqueue, startAll, all } = shares();
    enqueue("a", 200_000);
    let finished = 0;
    let widest = 0;
    for (let round = 0; round < 100; round++) {
      const started = startAll();
      widest = started.length;
      for (const hook of started) all.finished(hook, ++finished % 50 !== 0);
    }
    expect(widest).toBeGreaterThan(200);
  });
});

describe("a failing endpoint", () => {
  test("is left alone after 20 different webhooks in a row have failed, then probed one at a time", () => {
    const { enqueue, startAll, finishAll, failAll, clock, all, transitions } = shares();
    enqueue("a", 1_000);
    const failed = failAll();
    expect(failed).toBeGreaterThanOrEqual(FAILING_AFTER);
    expect(failed).toBeLessThan(FAILING_AFTER + FIRST_SHARE);
    expect(transitions).toEqual(["failing"]);

    const pauses: number[] = [];
    for (let probe = 0; probe < 7; probe++) {
      const wakeAt = all.nextWakeAt()!;
      pauses.push(wakeAt - clock.time);
      clock.time = wakeAt - 1;
      expect(startAll()).toEqual([]);
      clock.time = wakeAt;
      const started = startAll();
      expect(started).toHaveLength(1);
      finishAll(started, false);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(transitions).toHaveLength(1);
  });

  test("is not one where the same webhook fails again and again", () => {
    const { all, enqueue, startAll } = shares();
    for (let i = 0; i < 100; i++) {
      all.enqueue({ id: "poison", accountId: 1, endpoint: "a", retry: i > 0, url: "http://a/" });
      all.finished(all.next()!, false);
    }
    enqueue("a");
    expect(startAll()).toHaveLength(1);
  });

  test("is not one where a success comes between", () => {
    const { all, enqueue, finish, transitions } = shares();
    for (let i = 1; i <= 200; i++) {
      enqueue("a");
      finish(all.next()!, i % FAILING_AFTER === 0);
    }
    expect(transitions).toEqual([]);
  });

  test("comes back with two slots and doubles from there", () => {
    const { enqueue, startAll, finishAll, failAll, clock, all, transitions } = shares();
    enqueue("a", 10_000);
    failAll();
    clock.time = all.nextWakeAt()!;
    const rounds: number[] = [];
    for (let round = 0; round < 6; round++) {
      const started = startAll();
      rounds.push(started.length);
      finishAll(started, true);
    }
    expect(rounds.slice(0, 3)).toEqual([1, 2, 4]);
    expect(transitions).toEqual(["failing", "recovered"]);
    expect(all.nextWakeAt()).toBeNull();
  });

  test("is not given longer pauses for what was under way when it began to fail", () => {
    const { enqueue, startAll, finishAll, all, clock } = shares();
    enqueue("a", 10_000);
    for (let round = 0; round < 6; round++) finishAll(startAll(), true);
    const started = startAll();
    expect(started.length).toBeGreaterThan(200);
    finishAll(started, false);
    expect(all.nextWakeAt()! - clock.time).toBe(1_000);
  });

  test("does not delay another, and its pause is kept while it has nothing to do", () => {
    const { enqueue, startAll, failAll, clock } = shares();
    enqueue("dead", FAILING_AFTER);
    failAll();
    enqueue("alive");
    expect(counts(startAll(), "endpoint")).toEqual({ alive: 1 });
    clock.time = 999;
    enqueue("dead", 5);
    expect(startAll()).toEqual([]);
    clock.time = 1_000;
    expect(startAll()).toHaveLength(1);
  });

  test("gives back what it holds beyond its room, the newest first", () => {
    const { enqueue, failAll, all } = shares();
    enqueue("dead", 500);
    failAll();
    const before = all.waiting;
    const shed = all.shed({ accountId: 1, endpoint: "dead" });
    expect(shed.at(-1)?.id).toBe("dead-500");
    expect(all.waiting).toBe(before - shed.length);
    expect(all.waiting).toBe(FIRST_SHARE);
    expect(all.room({ accountId: 1, endpoint: "dead" })).toBe(0);
  });

  test("leaves alone what another account has under the same name", () => {
    const { enqueue, startAll, finishAll, failAll, all, transitions } = shares();
    const [dead, alive] = [
      { accountId: 1, endpoint: "same" },
      { accountId: 2, endpoint: "same" },
    ];
    const unknown = all.room(alive);
    enqueue("same", 500, { accountId: 1 });
    failAll();
    expect(transitions).toEqual(["failing"]);
    expect({ dead: all.room(dead), alive: all.room(alive) }).toEqual({ dead: 0, alive: unknown });
    enqueue("same", 100, { accountId: 2 });
    let delivered = 0;
    for (let hooks = startAll(); hooks.length > 0; hooks = startAll()) {
      expect(counts(hooks, "accountId")).toEqual({ 2: hooks.length });
      finishAll(hooks, true);
      delivered += hooks.length;
    }
    expect(delivered).toBe(100);
    expect(transitions).toEqual(["failing"]);
    expect(new Set(all.shed(dead).map(({ accountId }) => accountId))).toEqual(new Set([1]));
    expect(all.shed(alive)).toEqual([]);
  });
});

describe("fairness", () => {
  test("an endpoint with 100,000 waiting does not delay the next one", () => {
    const { enqueue, all, startAll } = shares({ inFlight: 4 });
    enqueue("flood", 100_000, { accountId: 1 });
    const first = all.next()!;
    enqueue("other", 1, { accountId: 2 });
    all.finished(first, true);
    expect(startAll().map(({ endpoint }) => endpoint)).toContain("other");
  });

  test("accounts take turns, however many endpoints they have", () => {
    const { enqueue, all } = shares({ inFlight: 30 });
    for (let i = 0; i < 1_000; i++) enqueue(`many-${i}`, 1, { accountId: 1 });
    enqueue("one", 10, { accountId: 2 });
    const started = Array.from({ length: 10 }, () => all.next()!);
    expect(counts(started, "accountId")).toEqual({ 1: 5, 2: 5 });
  });

  test("slow endpoints of some accounts leave slots for the next account", () => {
    const { enqueue, startAll } = shares({ inFlight: 90 });
    for (let i = 0; i < 100; i++) enqueue(`slow-a-${i}`, 10, { accountId: 1 });
    expect(startAll()).toHaveLength(60);
    for (let i = 0; i < 100; i++) enqueue(`slow-b-${i}`, 10, { accountId: 2 });
    expect(startAll().length).toBeGreaterThan(15);
    enqueue("quick", 1, { accountId: 3 });
    expect(startAll()).toHaveLength(1);
  });

  test("an account that had enough starts again when its own or others' requests finish", () => {
    const { enqueue, startAll, finishAll, all } = shares({ inFlight: 30 });
    for (let i = 0; i < 100; i++) enqueue(`a-${i}`, 10, { accountId: 1 });
    let total = 0;
    while (all.waiting > 0) {
      const started = startAll();
      expect(started.length).toBeGreaterThan(0);
      total += started.length;
      finishAll(started, true);
    }
    expect(total).toBe(1_000);
  });

  test("retries have at most half of the slots", () => {
    const { enqueue, startAll, finishAll } = shares({ inFlight: 40 });
    for (let i = 0; i < 40; i++) enqueue(`a-${i}`, 1, { accountId: i, retry: true });
    const started = startAll();
    expect(started).toHaveLength(20);
    for (let i = 0; i < 40; i++) enqueue(`a-${i}`, 1, { accountId: i });
    expect(startAll().map(({ retry }) => retry)).toEqual(Array(20).fill(false));
    finishAll(started.slice(0, 5), true);
    expect(startAll()).toHaveLength(5);
  });

  test("first tries go before an endpoint's retries, but not for ever", () => {
    const { enqueue, all } = shares();
    enqueue("a", 100, { retry: true });
    enqueue("a", 100);
    const order = Array.from({ length: 90 }, () => {
      const hook = all.next()!;
      all.finished(hook, true);
      return hook.retry;
    });
    expect(order.slice(0, FIRST_SHARE)).not.toContain(true);
    expect(order.filter(Boolean)).toHaveLength(10);
  });
});

describe("memory", () => {
  test("the room of an endpoint goes with its share", () => {
    const { enqueue, startAll, finishAll, all } = shares();
    const unknown = all.room({ accountId: 1, endpoint: "a" });
    expect(unknown).toBeGreaterThan(FIRST_SHARE);
    enqueue("a", unknown);
    expect(all.room({ accountId: 1, endpoint: "a" })).toBe(0);
    while (all.waiting > 0) finishAll(startAll(), true);
    expect(all.room({ accountId: 1, endpoint: "a" })).toBeGreaterThan(unknown);
  });

  test("an endpoint that was full is worth a claim once an eighth of what it may hold is free", () => {
    const { enqueue, all } = shares();
    const mayHold = all.room({ accountId: 1, endpoint: "a" });
    expect(all.isRoomy({ accountId: 1, endpoint: "a" })).toBe(true);
    enqueue("a", mayHold - mayHold / 8);
    expect(all.isRoomy({ accountId: 1, endpoint: "a" })).toBe(true);
    enqueue("a");
    expect(all.isRoomy({ accountId: 1, endpoint: "a" })).toBe(false);
  });

  test("one flood leaves room for others", () => {
    const { enqueue, all } = shares();
    for (let i = 0; i < 10_000; i++) enqueue(`a-${i}`, all.room({ accountId: 1, endpoint: `a-${i}` }));
    expect(all.waiting).toBeLessThanOrEqual(65_536);
    expect(all.waiting).toBeGreaterThan(50_000);
  });

  test("what was emptied is all that waited", () => {
    const { enqueue, startAll, finishAll, all } = shares();
    enqueue("a", 20);
    enqueue("b", 20, { retry: true });
    const started = startAll();
    expect(all.clear().length).toBe(40 - started.length);
    expect(all.waiting).toBe(0);
    finishAll(started, true);
    expect(all.inFlight).toBe(0);
    expect(all.next()).toBeNull();
  });

  test("endpoints that have had nothing to do for long are forgotten", () => {
    const { enqueue, startAll, finishAll, failAll, clock } = shares();
    enqueue("dead", FAILING_AFTER);
    failAll();
    clock.time = 1_000;
    enqueue("dead");
    finishAll(startAll(), false);
    clock.time = 1_000_000;
    enqueue("dead");
    finishAll(startAll(), false);
    for (clock.time of [2_000_000, 3_000_000]) {
      enqueue("other");
      finishAll(startAll(), true);
    }
    enqueue("dead", 100);
    expect(startAll()).toHaveLength(FIRST_SHARE);
  });
});

test("whatever happens, bounds hold, nothing is lost, given out twice or left waiting", () => {
  const ending = fc.record({
    askedMs: fc.option(fc.nat(5_000)),
    freshMs: fc.option(fc.nat(5_000)),
    timedOut: fc.boolean(),
  });
  const event = fc.oneof(
    fc.record({ kind: fc.constant("enqueue" as const), endpoint: fc.nat(5), retry: fc.boolean() }),
    fc.record({ kind: fc.constant("next" as const) }),
    fc.record({ kind: fc.constant("finish" as const), which: fc.nat(30), delivered: fc.boolean(), ending }),
    fc.record({ kind: fc.constant("time" as const), ms: fc.nat(20_000) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(event, { maxLength: 400 }), (inFlight, events) => {
      const { all, clock } = shares({ inFlight, perEndpoint: 6 });
      const running: Hook[] = [];
      const waiting = new Set<string>();
      let ids = 0;
      const start = (): boolean => {
        const hook = all.next();
        if (hook === null) return false;
        expect(waiting.delete(hook.id)).toBe(true);
        running.push(hook);
        return true;
      };
      const check = (): void => {
        expect(all.waiting).toBe(waiting.size);
        expect(all.inFlight).toBe(running.length);
        expect(running.length).toBeLessThanOrEqual(inFlight);
        expect(running.filter(({ retry }) => retry).length).toBeLessThanOrEqual(Math.max(1, inFlight >> 1));
        for (const count of Object.values(counts(running, "endpoint"))) expect(count).toBeLessThanOrEqual(6);
      };
      for (const each of events) {
        if (each.kind === "enqueue") {
          const id = String(++ids);
          waiting.add(id);
          const { endpoint, retry } = each;
          all.enqueue({ id, accountId: endpoint % 3, endpoint: String(endpoint), retry, url: "http://a/" });
        } else if (each.kind === "next") {
          start();
        } else if (each.kind === "time") {
          clock.time += each.ms;
        } else if (running.length > 0) {
          all.finished(running.splice(each.which % running.length, 1)[0]!, each.delivered, each.ending);
        }
        check();
      }
      // With nothing under way, only a pause may hold back what waits.
      while (waiting.size > 0) {
        for (const hook of running.splice(0)) all.finished(hook, true);
        if (!start()) {
          expect(all.nextWakeAt()).not.toBeNull();
          clock.time = all.nextWakeAt()!;
        }
        check();
      }
    }),
  );
});
