import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { MIGRATIONS, migrate } from "../../src/store/upkeep/migrate.ts";
import { testDatabase } from "../support/database.ts";
import { newKey, type Program, startProgram } from "../support/program.ts";
import { Random } from "../support/random.ts";
import { balance } from "./ledger.ts";
import { CrashLoad } from "./load.ts";
import { CrashReceiver } from "./receiver.ts";
import { everythingEnds, keepHistory, readRows } from "./rows.ts";
import { CrashSmsc } from "./smsc.ts";

const RETRY_DELAYS = [0.2, 0.5, 1, 2, 4];
const SOME_LOAD_MS = 3_000;
/** A built checkout of the version before: `npm run upgrade` makes one. */
const BEFORE = process.env.UPGRADE_FROM;

test.runIf(BEFORE !== undefined)(
  "two programs are upgraded one after the other under load: nothing is lost or sent again",
  async () => {
    const random = new Random(Date.now() % 1_000_000);
    const smsc = new CrashSmsc(random);
    const receiver = new CrashReceiver(random);
    const database = await testDatabase();
    const keys = { organizationKey: newKey(), accountKey: newKey() };
    const carrier = { id: "crash", type: "smpp", host: "127.0.0.1", port: await smsc.listen(), systemId: "crash" };
    const callbacks = { allowPrivateAddresses: true, retryDelays: RETRY_DELAYS };
    const config = { ...keys, log: { level: "info", format: "json" }, callbacks, carriers: [carrier] };
    const before = () => startProgram({ database, config, checkout: BEFORE as string });
    const now = () => startProgram({ database, config });
    let programs: Program[] = [];
    try {
      // The version before makes the schema that it knows.
      await database.pool.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
      programs = [await before(), await before()];
      await keepHistory(database.pool);
      const load = new CrashLoad({
        random,
        url: () => programs[random.between(0, programs.length - 1)]!.url,
        key: keys.accountKey,
        callback: await receiver.listen(),
        rate: 150,
        callers: 8,
      });
      load.start();
      for (const begin of [now, before, now, now]) {
        await sleep(SOME_LOAD_MS);
        const [next, other] = programs as [Program, Program];
        programs = [other];
        await next.stop();
        programs = [other, await begin()];
      }
      await sleep(SOME_LOAD_MS);
      const finished = await migrate(database.config, MIGRATIONS, () => {}, { finish: true });
      await sleep(SOME_LOAD_MS);
      await load.stop();
      await everythingEnds(database.pool, smsc);
      const rows = await readRows(database.pool);
      const books = { sent: load.sent, submits: smsc.submits, hooks: receiver.hooks, kills: [], rows };
      const report = balance({ ...books, mostTries: RETRY_DELAYS.length + 1, onUncertain: "resend" });
      expect(report.off).toEqual([]);
      expect(report.accepted).toBeGreaterThan(500);
      expect(finished.waiting).toEqual([]);
      console.log(JSON.stringify({ accepted: report.accepted, resubmitted: report.resubmitted, finished }));
    } finally {
      for (const program of programs) await program.stop().catch(() => {});
      await smsc.close();
      await receiver.close();
      await database.close();
    }
  },
  600_000,
);
