import { expect, test } from "vitest";
import { crashRun } from "./run.ts";

const LIMIT_MS = 300_000;

/** Five kills at random moments; the seed is said, for another run alike. */
async function killed(onUncertain: "resend" | "fail", engines: number) {
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
  console.log(`crash run with CRASH_SEED=${seed}`);
  const report = await crashRun({
    seed,
    kills: 5,
    forMs: 60_000,
    rate: 200,
    onUncertain,
    engines,
    logFile: null,
    say: () => {},
  });
  expect(report.balance.off).toEqual([]);
  expect(report.balance.accepted).toBeGreaterThan(report.overSmpp.accepted);
  expect(report.overSmpp.accepted).toBeGreaterThan(0);
  expect(report.overSmpp.told).toBeGreaterThan(0);
  expect(Math.min(report.submits.smpp, report.submits.http)).toBeGreaterThan(100);
  expect(report).toMatchObject({ faults: [], apiDiffers: [], exitCode: 0 });
  return report.balance;
}

// Processes are found in /proc.
const onLinux = test.runIf(process.platform === "linux");

onLinux(
  "killed five times at random moments, the program keeps every promise that it made",
  async () => {
    await killed("resend", 1);
  },
  LIMIT_MS,
);

onLinux(
  "killed five times where nothing is to be sent twice, nothing is: what may have been sent is failed",
  async () => {
    expect((await killed("fail", 2)).resubmitted.messages).toBe(0);
  },
  LIMIT_MS,
);
