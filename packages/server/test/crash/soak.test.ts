import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { FAKETIME } from "./shifted-clock.ts";
import { grown, KEPT_DAYS, soak } from "./soak.ts";

const DAYS = 2;

test.runIf(existsSync(FAKETIME))(
  "days pass with carriers and receivers that go and come back, and each one's ledger is even",
  async () => {
    const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
    console.log(`a soak with CRASH_SEED=${seed}`);
    const { days, faults, exitCode } = await soak({ seed, days: DAYS, dayMs: 3_000, rate: 60, say: console.log });
    expect(days.map(({ off }) => off)).toEqual(days.map(() => []));
    expect({ days: days.length, faults, exitCode }).toEqual({ days: DAYS, faults: [], exitCode: 0 });
    for (const { accepted } of days) expect(accepted).toBeGreaterThan(20);
  },
  600_000,
);

test("a figure that grows is told", () => {
  const day = (postgres: number) => ({
    accepted: 1,
    off: [],
    node: 100,
    postgres,
    files: 5,
    disk: 10,
    tables: KEPT_DAYS,
  });
  expect(grown(Array.from({ length: 9 }, (_, index) => day(50 + 10 * index)))).toEqual([
    "postgres grows: 90, then 120",
  ]);
  expect(grown(Array.from({ length: 9 }, (_, index) => day(50 + (index % 3))))).toEqual([]);
});
