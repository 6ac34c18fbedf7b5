import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { testDatabase } from "../support/database.ts";
import { enginesOf } from "../support/processes.ts";
import { startProgram } from "../support/program.ts";
import { Random } from "../support/random.ts";
import { until } from "../support/until.ts";
import { balance, type Kill } from "./ledger.ts";
import { CrashLoad } from "./load.ts";
import { CrashReceiver } from "./receiver.ts";
import { everythingEnds, keepHistory, readRows } from "./rows.ts";
import { seenUntil } from "./seen-until.ts";
import { CrashSmsc } from "./smsc.ts";

const RETRY_DELAYS = [0.2, 0.5, 1, 2, 4];
/** How long load runs before, between and after the kills: what is killed has messages in memory then. */
const LOAD_MS = 2_000;
const KILLS = 2;

describe.runIf(process.platform === "linux")("two engines in one program", () => {
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);

  test("one is killed under load, again and again: nothing is lost, overwritten or sent again", async () => {
    console.log(`engines run with CRASH_SEED=${seed}`);
    const smsc = new CrashSmsc(new Random(seed));
    const receiver = new CrashReceiver(new Random(seed + 1));
    const database = await testDatabase();
    await keepHistory(database.pool);
    // On a busy machine an answer may take 10 s, and the message would go twice without a kill.
    const carrier = { id: "crash", type: "smpp", host: "127.0.0.1", port: await smsc.listen(), systemId: "crash" };
    const program = await startProgram({
      database,
      config: {
        engines: 2,
        log: { level: "info", format: "json" },
        callbacks: { allowPrivateAddresses: true, retryDelays: RETRY_DELAYS },
        carriers: [{ ...carrier, binds: 2, window: 100, responseTimeout: 60 }],
      },
    });
    onTestFinished(async () => {
      program.kill();
      await smsc.close();
      await receiver.close();
      await database.close();
    });
    const load = new CrashLoad({
      random: new Random(seed + 2),
      url: () => program.url,
      key: program.api.key,
      callback: await receiver.listen(),
      rate: 200,
      callers: 8,
    });
    load.start();
    const kills: Kill[] = [];
    for (let count = 0; count < KILLS; count++) {
      await sleep(LOAD_MS);
      const [pid] = await until("the further engine", async () => {
        const pids = await enginesOf(program.child.pid as number);
        return pids.length === 1 && pids;
      });
      await until("messages of the engine that is to die, some of them at the carrier", async () => {
        const before = smsc.received;
        // Half of it goes there.
        await Promise.all([load.sendBatch(program.url, 1_000), load.sendBatch(program.url, 1_000)]);
        await until("submits", () => smsc.received > before + 300);
        return holdsMessages(database.pool, pid as number);
      });
      const at = Date.now();
      process.kill(pid as number, "SIGKILL");
      kills.push({ victim: "further", at, until: await seenUntil() });
    }
    await sleep(LOAD_MS);
    await load.stop();
    await everythingEnds(database.pool, smsc);
    const rows = await readRows(database.pool);
    const books = { sent: load.sent, submits: smsc.submits, hooks: receiver.hooks, kills, rows };
    const report = balance({ ...books, mostTries: RETRY_DELAYS.length + 1, onUncertain: "resend" });
    expect(report.off).toEqual([]);
    expect(report.accepted).toBeGreaterThan(2_000);
    expect(program.output().stderr).toContain("took over what dead nodes left");
    console.log(JSON.stringify(report.resubmitted));
    await program.stop();
  }, 180_000);
});

async function holdsMessages(db: Database, pid: number): Promise<boolean> {
  const text = "SELECT FROM message_bundle WHERE node IN (SELECT id FROM node WHERE pid = $1)";
  return (await db.query({ text, values: [pid] })).rowCount !== 0;
}
