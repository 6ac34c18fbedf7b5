import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { Api } from "../support/api.ts";
import { Random } from "../support/random.ts";
import { CrashCustomers } from "./customers.ts";
import { groupBy } from "./group-by.ts";
import { type Balance, balance, type Kill } from "./ledger.ts";
import { CrashLoad } from "./load.ts";
import { CrashProgram, type Victim } from "./program.ts";
import { CrashProvider } from "./provider.ts";
import { CrashReceiver } from "./receiver.ts";
import { keepHistory, type MessageRow, readRows, unfinished } from "./rows.ts";
import { seenUntil } from "./seen-until.ts";
import { CrashSmsc } from "./smsc.ts";

export interface CrashOptions {
  seed: number;
  kills: number;
  /** No kill after so long, however many are left. */
  forMs: number;
  /** Messages a second. */
  rate: number;
  onUncertain: "resend" | "fail";
  /** Of the program. */
  engines: number;
  /** Takes the program's log. */
  logFile: string | null;
  say(line: string): void;
}

export interface CrashReport {
  kills: Record<Victim, number>;
  /** Times that the program ended of its own accord, with its last words. */
  faults: string[];
  balance: Balance;
  /** Submits over SMPP that were answered with 0, and messages whose receipts came over SMPP. */
  overSmpp: { accepted: number; told: number };
  /** Submits to each carrier. */
  submits: { smpp: number; http: number };
  /** Where the API says something else than the store: of a sample of batches, and in the statistics. */
  apiDiffers: string[];
  exitCode: number | null;
}

type Sums = Record<"accepted" | "delivered" | "failed" | "parts", number>;

/** Weights of what is killed; with one engine there is no further one. */
function weightsFor(engines: number): Record<Victim, number> {
  return { engine: 35, api: 15, postmaster: 20, both: 20, backend: 10, further: engines > 1 ? 35 : 0 };
}
/** Short, so that a run ends; as many tries as the defaults give. */
const RETRY_DELAYS = [0.2, 0.5, 1, 2, 4];
const STALLED_MS = 90_000;
const SAMPLE = 300;

/** The whole product under load, killed again and again; then its ledger. */
export async function crashRun({
  seed,
  kills,
  forMs,
  rate,
  onUncertain,
  engines,
  logFile,
  say,
}: CrashOptions): Promise<CrashReport> {
  const random = new Random(seed);
  const weights = weightsFor(engines);
  const smsc = new CrashSmsc(new Random(seed + 1));
  const receiver = new CrashReceiver(new Random(seed + 2));
  const provider = new CrashProvider(new Random(seed + 5), smsc.submits, () => program.url);
  const [port, callback] = [await smsc.listen(), await receiver.listen()];
  const key = randomBytes(16).toString("hex");
  const organizationKey = randomBytes(16).toString("hex");
  const program: CrashProgram = await CrashProgram.create(
    {
      log: { level: "info", format: "json" },
      engines,
      organizationKey,
      smpp: { port: 0 },
      messages: { onUncertain },
      callbacks: { allowPrivateAddresses: true, retryDelays: RETRY_DELAYS },
      carriers: [
        // On a busy machine an answer may take 10 s, and the message would go twice without a kill.
        {
          id: "crash",
          type: "smpp",
          host: "127.0.0.1",
          port,
          systemId: "crash",
          binds: engines,
          window: 100,
          responseTimeout: 60,
        },
        await provider.listen(),
      ],
      routes: [{ share: ["crash", "provider"].map((id) => ({ id, share: 1 })) }],
    },
    key,
    logFile,
  );
  let pool: pg.Pool | undefined;
  let customers: CrashCustomers | undefined;
  try {
    await program.start();
    pool = program.pool();
    await keepHistory(pool);
    const url = () => program.url;
    const load = new CrashLoad({ random: new Random(seed + 3), url, key, callback, rate, callers: 16 });
    load.start();
    const credential = await credentialOf(new Api(program.url as string, key), organizationKey);
    const smpp = { port: () => program.smppPort, credential, rate: rate / 5, binds: 3 };
    customers = new CrashCustomers({ random: new Random(seed + 4), ...smpp });
    customers.start();
    const done = await killAll(program, random, weights, kills, Date.now() + forMs, say, () => load.messages);
    await sleep(500);
    customers.stop();
    await load.stop();
    await program.ready();
    const { sent: submitted, hooks: receipts } = customers;
    say(
      `${load.messages} messages in ${load.sent.length} requests, ${submitted.length} over SMPP; waiting for all ends`,
    );
    await settle(pool, () => smsc.outstanding + provider.outstanding);
    const rows = await readRows(pool);
    const hooks = new Map([...receiver.hooks, ...receipts]);
    const books = { sent: [...load.sent, ...submitted], submits: smsc.submits, hooks, kills: done, rows };
    const report = balance({ ...books, mostTries: RETRY_DELAYS.length + 1, onUncertain });
    const api = new Api(program.url as string, key);
    const apiDiffers = [
      ...(await compareApi(api, rows.messages, random)),
      ...(await compareStatistics(api, rows.messages)),
    ];
    await pool.end();
    pool = undefined;
    const exitCode = await program.stop();
    const count = (victim: Victim) => done.filter((kill) => kill.victim === victim).length;
    const victims = Object.keys(weights) as Victim[];
    return {
      kills: Object.fromEntries(victims.map((victim) => [victim, count(victim)])) as Record<Victim, number>,
      faults: program.faults,
      balance: report,
      overSmpp: { accepted: submitted.filter(({ outcome }) => outcome === "accepted").length, told: receipts.size },
      submits: { smpp: smsc.received, http: provider.received },
      apiDiffers,
      exitCode,
    };
  } finally {
    await customers?.close();
    await pool?.end();
    await program.remove();
    await receiver.close();
    await smsc.close();
    await provider.close();
  }
}

/** Each kill comes at a random moment of the program's life: amid its start, or up to some seconds after. */
async function killAll(
  program: CrashProgram,
  random: Random,
  weights: Record<Victim, number>,
  most: number,
  until: number,
  say: (line: string) => void,
  messages: () => number,
): Promise<Kill[]> {
  const done: Kill[] = [];
  while (done.length < most && Date.now() < until) {
    const amidStart = random.chance(0.15);
    if (!amidStart) await program.ready();
    await sleep(random.between(amidStart ? 0 : 100, amidStart ? 1_000 : 2_500));
    const victim = random.pick(weights);
    const at = Date.now();
    const pids = await program.kill(victim);
    if (pids.length === 0) continue;
    done.push({ victim, at, until: await seenUntil() });
    say(
      `kill ${done.length}: ${victim} (${pids.join(", ")})${amidStart ? " amid a start" : ""}, ${messages()} messages`,
    );
  }
  return done;
}

/** Lets the account's software bind. */
async function credentialOf(account: Api, organizationKey: string): Promise<{ system_id: string; password: string }> {
  const { body: me } = await account.request<{ account: { identifier: string } }>("GET", "/me");
  const path = `/account/${me.account.identifier}/smpp`;
  const { body } = await account
    .as(organizationKey)
    .request<{ system_id: string; password: string }>("POST", path, { body: { binds: 16 } });
  return { system_id: body.system_id, password: body.password };
}

/** Waits until every message is final, every webhook delivered or exhausted, and every receipt acknowledged. */
async function settle(pool: pg.Pool, outstanding: () => number): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  let movedAt = Date.now();
  for (;;) {
    const { messages, webhooks } = await unfinished(pool);
    const left = messages + webhooks + outstanding();
    if (left === 0) return;
    if (left < best) {
      best = left;
      movedAt = Date.now();
    }
    // What does not move any more is for the ledger to name.
    if (Date.now() - movedAt > STALLED_MS) return;
    await sleep(200);
  }
}

/** Asks for the batches of a sample of messages; answers where counts or rows are not the store's. */
async function compareApi(api: Api, rows: readonly MessageRow[], random: Random): Promise<string[]> {
  const differs: string[] = [];
  const batches = groupBy(rows, ({ id, batch_id }) => batch_id ?? `${id.slice(0, 31)}00000`);
  const names = [...batches.keys()];
  for (let asked = 0; asked < Math.min(SAMPLE, names.length); asked++) {
    const name = names[random.between(0, names.length - 1)] as string;
    const members = batches.get(name) as MessageRow[];
    const { counts, details } = await api.status(name);
    const of = (state: number) => members.filter((row) => row.state === state).length;
    const same =
      counts.total === members.length &&
      counts.delivered === of(2) &&
      counts.failed === of(3) &&
      details.length === members.length &&
      details.every(({ messageuuid, delivered, failed }) => {
        const row = members.find(({ id }) => id === messageuuid);
        return row !== undefined && delivered === (row.state === 2) && failed === (row.state === 3);
      });
    if (!same) differs.push(`${name}: ${JSON.stringify(counts)} for ${members.length} rows`);
  }
  return differs;
}

/** Asks for the sums of all that was sent; answers those that a count of the rows does not give. */
async function compareStatistics(api: Api, rows: readonly MessageRow[]): Promise<string[]> {
  const since = new Date(Date.now() - 86_400_000).toISOString();
  const { body } = await api.request<{ items: Sums[] }>("GET", `/stats?by=day&since=${since}`);
  const summed = (name: keyof Sums) => body.items.reduce((sum, item) => sum + item[name], 0);
  const counted: Sums = {
    accepted: rows.length,
    delivered: rows.filter(({ state }) => state === 2).length,
    failed: rows.filter(({ state }) => state === 3).length,
    parts: rows.reduce((sum, { parts }) => sum + parts, 0),
  };
  return (Object.keys(counted) as (keyof Sums)[])
    .filter((name) => summed(name) !== counted[name])
    .map((name) => `statistics: ${summed(name)} ${name}, the rows are ${counted[name]}`);
}
