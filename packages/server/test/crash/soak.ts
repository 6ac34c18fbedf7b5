import { randomBytes } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { firstIdAt } from "../../src/message/id.ts";
import { createPool } from "../../src/store/pool.ts";
import { messageDays } from "../../src/store/upkeep/day-indexes.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { childrenOf } from "../support/processes.ts";
import { Random } from "../support/random.ts";
import { until } from "../support/until.ts";
import { balance, type Entry, type Kill } from "./ledger.ts";
import { CrashLoad } from "./load.ts";
import { CrashProgram, MPLUS } from "./program.ts";
import { CrashReceiver } from "./receiver.ts";
import { keepHistory, readRows, unfinished } from "./rows.ts";
import { ShiftedClock, ShiftedDatabase } from "./shifted-clock.ts";
import { CrashSmsc } from "./smsc.ts";

export interface SoakOptions {
  seed: number;
  days: number;
  /** How long customers send on a day, in milliseconds of the machine's clock. */
  dayMs: number;
  /** Messages a second. */
  rate: number;
  say(line: string): void;
}

/** The figures at the end of a day. Sizes are in MB. */
export interface Day {
  accepted: number;
  /** The messages that are off in its ledger. */
  off: readonly Entry[];
  /** Resident memory of the program's processes. */
  node: number;
  /** Memory of PostgreSQL's processes that they do not share. */
  postgres: number;
  /** Open files of the program's processes. */
  files: number;
  /** The store on the disk. */
  disk: number;
  tables: number;
}

const FIGURES = ["node", "postgres", "files", "disk", "tables"] as const satisfies readonly (keyof Day)[];

export interface SoakReport {
  days: Day[];
  /** Times that the program ended of its own accord, with its last words. */
  faults: string[];
  exitCode: number | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Days of history that are kept. */
export const KEPT_DAYS = 5;
/** A new version comes so often. */
const DEPLOY_DAYS = 10;
/** As many tries as the defaults give, over a night. */
const RETRY_DELAYS = [1, 60, 600, 3_600, 21_600];
const QUIET_MS = 2_000;
const MOST_HOURS = 48;
const CHECK_MS = 60_000;

/**
 * Days of a program whose clock is put forward at night. On each day customers send; one of two carriers is away for a third of
 * it, the customers' receiver for its last third and half of the night. Then all must have ended, and the day's ledger be even.
 */
export async function soak({ seed, days, dayMs, rate, say }: SoakOptions): Promise<SoakReport> {
  const folder = await temporaryDataDir();
  const clock = await ShiftedClock.create(folder);
  const database = await ShiftedDatabase.start(folder, clock);
  const first = new CrashSmsc(new Random(seed + 1));
  const smscs = [first, new CrashSmsc(new Random(seed + 2), first)] as const;
  const ports = await Promise.all(smscs.map((smsc) => smsc.listen()));
  const receiver = new CrashReceiver(new Random(seed + 3));
  const callback = await receiver.listen();
  const key = randomBytes(16).toString("hex");
  const carriers = ports.map((port, index) => ({
    id: `carrier-${index}`,
    type: "smpp",
    host: "127.0.0.1",
    port,
    systemId: "crash",
    responseTimeout: 60,
  }));
  const clocked = Object.entries(clock.environment).map(([name, value]) => `${name}=${value}`);
  const program = await CrashProgram.create(
    {
      log: { level: "info", format: "json" },
      database: { url: database.url },
      messages: { retention: (KEPT_DAYS * DAY_MS) / 1_000 },
      callbacks: { allowPrivateAddresses: true, retryDelays: RETRY_DELAYS },
      carriers,
      routes: [{ share: carriers.map(({ id }) => ({ id, share: 1 })) }],
    },
    key,
    null,
    ["env", ...clocked, process.execPath, MPLUS, "serve"],
  );
  const pool = createPool(database.connection, { max: 2, applicationName: "ledger" });
  const report: SoakReport = { days: [], faults: program.faults, exitCode: null };
  const breaks: Kill[] = [];
  /** Work under way may be done again: submits whose answer a carrier took with it, and all after a sleep of the machine. */
  const breaking = async (work: () => Promise<void>): Promise<void> => {
    const at = Date.now();
    await work();
    breaks.push({ victim: "resumed", at, until: Date.now() });
  };
  const forward = (ms: number): Promise<void> =>
    breaking(async () => {
      await clock.forward(ms);
      await sleep(2_000);
      await program.ready();
    });
  try {
    await program.start();
    await keepHistory(pool);
    for (let day = 0; day < days; day++) {
      const morning = clock.now();
      const begin = firstIdAt(morning);
      const before = 440_000_000_000 + day * 10_000_000;
      const load = new CrashLoad({
        random: new Random(seed + 10 + day),
        url: () => program.url,
        key,
        callback,
        rate,
        callers: 8,
        before,
      });
      load.start();
      await sleep(dayMs / 3);
      const [away, port] = [smscs[day % 2] as CrashSmsc, ports[day % 2] as number];
      await breaking(() => away.leave());
      await sleep(dayMs / 3);
      await away.listen(port);
      receiver.isDown = true;
      await sleep(dayMs / 3);
      await load.stop();
      await forward(7 * HOUR_MS);
      receiver.isDown = false;
      await forward(7 * HOUR_MS);
      await settle(
        pool,
        () => smscs[0].outstanding + smscs[1].outstanding,
        () => forward(HOUR_MS),
      );
      const books = {
        sent: load.sent,
        submits: first.submits,
        hooks: receiver.hooks,
        kills: breaks,
        rows: await readRows(pool, begin),
      };
      const { accepted, off } = balance({ ...books, mostTries: RETRY_DELAYS.length + 1, onUncertain: "resend" });
      first.submits.clear();
      receiver.hooks.clear();
      await pool.query("TRUNCATE message_change");
      if (day % DEPLOY_DAYS === DEPLOY_DAYS - 1) await deploy(program);
      await forward(Math.max(0, morning + DAY_MS - clock.now()));
      await until(
        "old days to go",
        async () => (await oldestDay(pool)) > clock.now() - (KEPT_DAYS + 2) * DAY_MS,
        undefined,
        CHECK_MS,
      );
      report.days.push({ accepted, off, ...(await figuresOf(program, database, pool)) });
      say(`day ${day + 1}: ${JSON.stringify({ ...report.days.at(-1), off: off.length })}`);
    }
    report.exitCode = await program.stop();
    return report;
  } finally {
    await pool.end();
    await program.remove();
    for (const smsc of smscs) await smsc.close();
    await receiver.close();
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function deploy(program: CrashProgram): Promise<void> {
  const code = await program.stop();
  if (code !== 0) program.faults.push(`ended with ${code}: ${program.said.slice(-2_000)}`);
  await program.start();
}

/** Until every message is final, every webhook delivered or exhausted, and every receipt acknowledged. */
async function settle(pool: pg.Pool, outstanding: () => number, hourPasses: () => Promise<void>): Promise<void> {
  const left = async () => {
    const { messages, webhooks } = await unfinished(pool);
    return messages + webhooks + outstanding();
  };
  for (let before = Number.POSITIVE_INFINITY, hours = 0; ; ) {
    const now = await left();
    if (now === 0) return;
    // Webhooks that make no way any more wait for their next try.
    if (now < before) await sleep(QUIET_MS);
    else if (hours++ < MOST_HOURS) await hourPasses();
    else throw new Error(`${now} messages, webhooks and receipts do not end`);
    before = now;
  }
}

/** When the oldest day with a table of its own began, epoch milliseconds. */
async function oldestDay(pool: pg.Pool): Promise<number> {
  return (await messageDays(pool)).at(-1)?.day ?? Number.NaN;
}

async function figuresOf(program: CrashProgram, database: ShiftedDatabase, pool: pg.Pool) {
  const own = [program.pid, ...(await childrenOf(program.pid)).map(({ pid }) => pid)];
  const servers = [database.pid, ...(await childrenOf(database.pid)).map(({ pid }) => pid)];
  const sum = async (pids: readonly number[], of: (pid: number) => Promise<number>) =>
    (await Promise.all(pids.map(of))).reduce((all, one) => all + one, 0);
  const { rows } = await pool.query<{ disk: number; tables: number }>(
    "SELECT pg_database_size(current_database()) / 1e6 AS disk, (SELECT count(*)::int FROM pg_class WHERE relkind = 'r') AS tables",
  );
  return {
    node: Math.round(await sum(own, (pid) => memoryOf(pid, "VmRSS"))),
    postgres: Math.round(await sum(servers, (pid) => memoryOf(pid, "RssAnon"))),
    files: await sum(own, async (pid) => (await readdir(`/proc/${pid}/fd`)).length),
    disk: Math.round(Number(rows[0]!.disk)),
    tables: rows[0]!.tables,
  };
}

/** In MB; 0 of a process that has just ended. */
async function memoryOf(pid: number, field: "VmRSS" | "RssAnon"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1_000;
}

/** Figures of the last third of the days that are more than a tenth above those of the third before, as sentences. */
export function grown(days: readonly Day[]): string[] {
  const third = Math.floor(days.length / 3);
  const middle = (part: readonly Day[], figure: (typeof FIGURES)[number]) =>
    part.map((day) => day[figure]).sort((one, other) => one - other)[Math.floor(part.length / 2)] ?? 0;
  return FIGURES.flatMap((figure) => {
    const [before, after] = [middle(days.slice(-2 * third, -third), figure), middle(days.slice(-third), figure)];
    return after > before * 1.1 ? [`${figure} grows: ${before}, then ${after}`] : [];
  });
}
