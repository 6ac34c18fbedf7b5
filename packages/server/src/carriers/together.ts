import type { CarrierStatus } from "./carrier.ts";

/** Digits behind the point of a throughput: the shares of 100 by three add up to 100. */
const DIGITS = 1e6;

/** The carriers of several engines as one list, each with the binds and counts of all. */
export function carriersTogether(lists: readonly (readonly CarrierStatus[])[]): CarrierStatus[] {
  const byId = new Map<string, CarrierStatus[]>();
  for (const status of lists.flat()) byId.set(status.id, [...(byId.get(status.id) ?? []), status]);
  return [...byId.values()].map((each) => (each.length === 1 ? (each[0] as CarrierStatus) : together(each)));
}

function together(all: readonly CarrierStatus[]): CarrierStatus {
  const [first] = all as [CarrierStatus];
  const taking = all.filter(({ state }) => state !== "down");
  // It takes messages since the first of the binds does, and none since the last is down.
  const since = (taking.length > 0 ? taking : all).map((status) => status.since).sort();
  const faulty = all.find(({ why }) => why !== null);
  const tries = all.flatMap(({ next_try_at }) => next_try_at ?? []).sort();
  const sum = (of: (status: CarrierStatus) => number): number => all.reduce((total, status) => total + of(status), 0);
  return {
    ...first,
    state: stateOf(taking),
    since: (taking.length > 0 ? since[0] : since.at(-1)) as string,
    why: faulty?.why ?? null,
    last_status: (faulty ?? first).last_status,
    next_try_at: tries[0] ?? null,
    binds: { up: sum(({ binds }) => binds.up), of: sum(({ binds }) => binds.of) },
    bind_counts: sums(all.map(({ bind_counts }) => bind_counts)),
    window: sum(({ window }) => window),
    under_way: sum(({ under_way }) => under_way),
    throughput: Math.round(sum(({ throughput }) => throughput) * DIGITS) / DIGITS,
    counts: sums(all.map(({ counts }) => counts)),
  };
}

/** @param taking those of the engines whose binds take messages */
function stateOf(taking: readonly CarrierStatus[]): CarrierStatus["state"] {
  if (taking.length === 0) return "down";
  if (taking.every(({ state }) => state === "no-receiver")) return "no-receiver";
  return taking.some(({ state }) => state === "slowed") ? "slowed" : "up";
}

function sums<Counts extends Record<string, number>>(all: readonly Counts[]): Counts {
  const total: Record<string, number> = {};
  for (const counts of all)
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
  return total as Counts;
}
