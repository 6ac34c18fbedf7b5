import { expect, test } from "vitest";
import { crashRun } from "./run.ts";

// Processes are found in /proc.
test.runIf(process.platform === "linux")(
  "killed five times at random moments, the program keeps every promise that it made",
  async () => {
    const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
    console.log(`crash run with CRASH_SEED=${seed}`);
    const report = await crashRun({ seed, kills: 5, forMs: 60_000, rate: 200, logFile: null, say: () => {} });
    expect(report.balance.off).toEqual([]);
    expect(report.balance.accepted).toBeGreaterThan(0);
    expect(report).toMatchObject({ faults: [], apiDiffers: [], exitCode: 0 });
  },
  300_000,
);
