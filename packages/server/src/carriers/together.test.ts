import { expect, test } from "vitest";
import type { CarrierStatus } from "./carrier.ts";
import { carriersTogether } from "./together.ts";

function status(settings: Partial<CarrierStatus> = {}): CarrierStatus {
  return {
    id: "acme",
    type: "smpp",
    state: "up",
    paused: false,
    since: "2026-01-01T00:00:00.000Z",
    why: null,
    last_status: "ESME_ROK",
    next_try_at: null,
    binds: { up: 1, of: 1 },
    bind_counts: { bound: 1, refused: 0, failed: 0, lost: 0 },
    window: 100,
    under_way: 3,
    throughput: 100 / 3,
    counts: { submitted: 5, refused: 1, later: 0, uncertain: 0, received: 4 },
    ...settings,
  };
}

test("the binds and counts of all engines add up", () => {
  const [acme, other, ...more] = carriersTogether([
    [status(), status({ id: "other" })],
    [status({ since: "2025-12-31T00:00:00.000Z" })],
    [status({ binds: { up: 2, of: 2 } })],
  ]);
  expect(more).toEqual([]);
  expect(other).toEqual(status({ id: "other" }));
  expect(acme).toEqual(
    status({
      since: "2025-12-31T00:00:00.000Z",
      binds: { up: 4, of: 4 },
      bind_counts: { bound: 3, refused: 0, failed: 0, lost: 0 },
      window: 300,
      under_way: 9,
      throughput: 100,
      counts: { submitted: 15, refused: 3, later: 0, uncertain: 0, received: 12 },
    }),
  );
});

test("one engine's bind that is down is told of, and the carrier is up by the other's", () => {
  const down = status({
    state: "down",
    since: "2026-01-02T00:00:00.000Z",
    why: "it refused the bind: ESME_RBINDFAIL",
    last_status: "ESME_RBINDFAIL",
    next_try_at: "2026-01-02T00:00:05.000Z",
    binds: { up: 0, of: 1 },
  });
  const { why, last_status, next_try_at } = down;
  const [half] = carriersTogether([[status()], [down]]);
  const since = "2026-01-01T00:00:00.000Z";
  expect(half).toMatchObject({ state: "up", since, why, last_status, next_try_at, binds: { up: 1, of: 2 } });
  const earlier = { ...down, since, next_try_at: "2026-01-02T00:00:01.000Z" };
  const [none] = carriersTogether([[earlier], [down]]);
  expect(none).toMatchObject({ state: "down", since: down.since, next_try_at: earlier.next_try_at });
});

test.each([
  [["up", "slowed"], "slowed"],
  [["no-receiver", "no-receiver"], "no-receiver"],
  // The receipts come over the other's.
  [["up", "no-receiver"], "up"],
  [["down", "no-receiver"], "no-receiver"],
] as const)("engines that find it %j find it %s together", (states, together) => {
  expect(carriersTogether(states.map((state) => [status({ state })]))[0]?.state).toBe(together);
});
