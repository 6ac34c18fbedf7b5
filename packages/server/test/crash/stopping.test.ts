import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { ROOT } from "../docs/page.ts";
import { newKey } from "../support/program.ts";
import { Random } from "../support/random.ts";
import { until } from "../support/until.ts";
import { balance, repeatedOf } from "./ledger.ts";
import { CrashLoad } from "./load.ts";
import { CrashProgram } from "./program.ts";
import { CrashReceiver } from "./receiver.ts";
import { keepHistory, readRows, unfinished } from "./rows.ts";
import { CrashSmsc } from "./smsc.ts";

const RETRY_DELAYS = [0.2, 0.5, 1, 2, 4];
/** Short: all messages in memory have to end within the seven seconds of a stop, on a busy machine too. */
const LOAD_MS = 1_000;
/** What a start says when it finds something to repair, in our log and in PostgreSQL's. */
const REPAIRS = /took over|is dead|was lost on the way|was not properly shut down|was interrupted|recovery/;

/** To the process alone, as a service manager does. */
const toProcess = (signal: NodeJS.Signals, times: number) => (pid: number) => {
  for (let time = 0; time < times; time++) process.kill(pid, signal);
};
/** To all processes of the terminal. npm passes it on as well: what it started hears it more than once. */
const toGroup = (signal: NodeJS.Signals, times: number) => (pid: number) => toProcess(signal, times)(-pid);
const UNDER_NPM = ["npm", "--prefix", ROOT, "start", "--"];

test.each<[string, (pid: number) => void, readonly string[] | undefined]>([
  ["SIGTERM", toProcess("SIGTERM", 1), undefined],
  ["Ctrl-C, twice", toGroup("SIGINT", 2), undefined],
  ["Ctrl-C under npm", toGroup("SIGINT", 1), UNDER_NPM],
])("%s under full load cuts nothing off, and the next start finds nothing to repair", async (_, signal, command) => {
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
  console.log(`stopping with CRASH_SEED=${seed}`);
  const smsc = new CrashSmsc(new Random(seed));
  const receiver = new CrashReceiver(new Random(seed + 1), 300);
  onTestFinished(() => Promise.all([smsc.close(), receiver.close()]).then(() => {}));
  const [port, callback] = [await smsc.listen(), await receiver.listen()];
  const carrier = { id: "crash", type: "smpp", host: "127.0.0.1", port, systemId: "crash" };
  const key = newKey();
  const config = {
    log: { level: "info", format: "json" },
    callbacks: { allowPrivateAddresses: true, retryDelays: RETRY_DELAYS },
    carriers: [carrier],
  };
  const program = await CrashProgram.create(config, key, null, command);
  onTestFinished(() => program.remove());
  await program.start();
  const before = program.pool();
  await keepHistory(before);
  await before.end();
  const url = () => program.url;
  const load = new CrashLoad({ random: new Random(seed + 2), url, key, callback, rate: 1_500, callers: 32 });
  load.start();
  await sleep(LOAD_MS);

  const exitCode = await program.stopBy(signal);
  program.url = null;
  await load.stop();
  // npm may end by the signal itself, before the program.
  await until("the program to have stopped", () => program.said.includes('"msg":"stopped"'));
  expect(program.said).not.toMatch(/did not end in order|ended as it is/);
  // It ends itself with another code where it takes longer than ten seconds.
  if (command === undefined) expect(exitCode).toBe(0);
  expect(receiver.cut).toBe(0);
  expect(smsc.ends).toEqual(["the peer unbound"]);
  const log = join(program.folder, "data/postgres/postgres.log");
  const down = await readFile(log, "utf8");
  expect(lastLine(down)).toContain("database system is shut down");

  program.url = await program.startUnready();
  await program.ready();
  const pool = program.pool();
  onTestFinished(() => pool.end());
  await until(
    "everything to be final",
    async () => {
      const { messages, webhooks } = await unfinished(pool);
      return messages + webhooks + smsc.outstanding === 0;
    },
    () => unfinished(pool),
  );
  const rows = await readRows(pool);
  const books = { sent: load.sent, submits: smsc.submits, hooks: receiver.hooks, kills: [], rows };
  const report = balance({ ...books, mostTries: RETRY_DELAYS.length + 1, onUncertain: "resend" });
  expect(report.off).toEqual([]);
  expect(report.accepted).toBeGreaterThan(0);
  // What was begun was answered: nothing is stored of a request whose caller heard nothing.
  expect(report.unknown.stored).toBe(0);
  expect(repeatedOf(receiver.hooks), program.said).toEqual([]);
  expect(program.said).not.toMatch(REPAIRS);
  expect((await readFile(log, "utf8")).slice(down.length)).not.toMatch(REPAIRS);
  // Under npm, npm alone hears this, and passes it on.
  await program.stop();
  await until("the database to be shut down again", async () => {
    return lastLine(await readFile(log, "utf8")).includes("database system is shut down");
  });
});

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) as string;
}
