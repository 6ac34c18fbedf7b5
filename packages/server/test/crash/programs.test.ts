import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { childrenOf } from "../support/processes.ts";
import { newKey, type Program, startProgram } from "../support/program.ts";
import { Random } from "../support/random.ts";
import { until } from "../support/until.ts";
import { balance, type Kill } from "./ledger.ts";
import { CrashLoad } from "./load.ts";
import { CrashReceiver } from "./receiver.ts";
import { everythingEnds, keepHistory, readRows } from "./rows.ts";
import { seenUntil } from "./seen-until.ts";
import { CrashSmsc } from "./smsc.ts";

const RETRY_DELAYS = [0.2, 0.5, 1, 2, 4];
const WINDOW = 100;
/** A node is given up after 5 s of silence. */
const BEYOND_THE_LEASE_MS = 8_000;

describe.runIf(process.platform === "linux")("three programs on one PostgreSQL", () => {
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
  const smsc = new CrashSmsc(new Random(seed));
  const receiver = new CrashReceiver(new Random(seed + 1));
  const keys = { organizationKey: newKey(), accountKey: newKey() };
  const programs: Program[] = [];
  let database: TestDatabase;

  beforeAll(async () => {
    console.log(`programs run with CRASH_SEED=${seed}`);
    database = await testDatabase();
    await keepHistory(database.pool);
    const carrier = {
      id: "crash",
      type: "smpp",
      host: "127.0.0.1",
      port: await smsc.listen(),
      systemId: "crash",
      throughput: 200,
      window: WINDOW,
    };
    const config = {
      ...keys,
      log: { level: "info", format: "json" },
      callbacks: { allowPrivateAddresses: true, retryDelays: RETRY_DELAYS },
      carriers: [carrier],
    };
    for (let count = 0; count < 3; count++) programs.push(await startProgram({ database, config }));
  });

  afterAll(async () => {
    for (const program of programs) await program.stop().catch(() => {});
    await smsc.close();
    await receiver.close();
    await database.close();
  });

  test("one is killed, one is stopped beyond its lease and goes on: nothing is lost, overwritten or sent again", async () => {
    const random = new Random(seed + 2);
    const [first, killed, paused] = programs as [Program, Program, Program];
    let alive = [first, killed, paused];
    const load = new CrashLoad({
      random,
      url: () => alive[random.between(0, alive.length - 1)]!.url,
      key: keys.accountKey,
      callback: await receiver.listen(),
      rate: 150,
      callers: 8,
    });
    const kills: Kill[] = [];
    load.start();
    await sleep(2_000);
    // More than it can have sent when it dies.
    await load.sendBatch(killed.url, 1_000);
    const killedAt = Date.now();
    killed.child.kill("SIGKILL");
    alive = [first, paused];
    kills.push({ victim: "engine", at: killedAt, until: await seenUntil() });
    await sleep(2_000);
    await load.sendBatch(paused.url, 1_000);
    // All of its processes, as when a machine stands still.
    const pids = [paused.child.pid!, ...(await childrenOf(paused.child.pid!)).map(({ pid }) => pid)];
    const stoppedAt = Date.now();
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    alive = [first];
    kills.push({ victim: "engine", at: stoppedAt, until: await seenUntil() });
    await sleep(BEYOND_THE_LEASE_MS);
    const resumedAt = Date.now();
    for (const pid of pids) process.kill(pid, "SIGCONT");
    await until("the resumed program to notice", () =>
      paused.output().stderr.includes("this node was given up for dead"),
    );
    kills.push({ victim: "resumed", at: resumedAt, until: await seenUntil() });
    alive = [first, paused];
    await sleep(2_000);
    await load.stop();
    await everythingEnds(database.pool, smsc);

    const rows = await readRows(database.pool);
    const books = { sent: load.sent, submits: smsc.submits, hooks: receiver.hooks, kills, rows };
    const report = balance({ ...books, mostTries: RETRY_DELAYS.length + 1, onUncertain: "resend" });
    expect(report.off).toEqual([]);
    // One turn of the event loop hands off what the window takes at most.
    expect(report.inOldTurn).toBeLessThanOrEqual(WINDOW);
    expect(report.accepted).toBeGreaterThan(500);
    expect(first.output().stderr).toContain("took over what dead nodes left");
    const metrics = await (await fetch(`${first.url}/metrics`)).text();
    expect(metrics).toMatch(/mplus_leases_taken_over_total\{kind="messages"[^}]*\} [1-9]/);
    console.log(JSON.stringify({ ...report.resubmitted, inOldTurn: report.inOldTurn, parked: rows.parked }));
  }, 120_000);
});
