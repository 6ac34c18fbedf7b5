import { median, say } from "./figures.ts";
import { closedLoop, post } from "./load.ts";
import { cpuOf, FarEnd, family } from "./processes.ts";
import { Program } from "./program.ts";
import { commonNode, Redis, Rival, redisIsInstalled, rivalsAreInstalled } from "./rival.ts";

const BATCH = 1_000;
/** Requests under way at a time, for everyone: what an endpoint may have where nothing is configured. */
const CONCURRENCY = 256;
/** Arrivals that are not timed: programs, plans and connections are new. */
const UNTIMED = 10_000;
const GIVE_UP_MS = 120_000;

interface Figures {
  /** Webhooks a second, by the receiver's clock. */
  rate: number;
  /** CPU time of a delivery, in µs, by kind of process. */
  cpu: Record<string, number>;
}

/** Times what begins when `deliver` is called and is over, recorded and all, when its promise resolves. */
async function timed(
  sink: FarEnd,
  count: number,
  cpu: () => Record<string, number>,
  deliver: () => Promise<void>,
): Promise<Figures> {
  const delivered = deliver();
  const begun = await sink.arrived(UNTIMED);
  const before = cpu();
  await delivered;
  const timed = count - begun;
  const used = Object.entries(cpu()).map(([name, after]) => [name, (after - before[name]!) / timed] as const);
  const { hooks, repeats, first, last } = await sink.counts();
  if (hooks !== count || repeats !== 0) throw new Error(`void: ${hooks} webhooks of ${count}, ${repeats} repeats`);
  return { rate: ((count - UNTIMED) / (last! - first!)) * 1_000, cpu: Object.fromEntries(used) };
}

/** What one program, without the role `webhooks`, has left in the table is delivered by another that has no other role. */
async function ours(home: Program, sink: FarEnd, count: number, first: number): Promise<Figures> {
  const callback = `http://127.0.0.1:${sink.port}/`;
  let next = first;
  await closedLoop(home.port, 4, count / BATCH, () => {
    const destinations = Array.from({ length: BATCH }, () => String(next++));
    return post(`/batch?key=${home.key}`, JSON.stringify({ from: "Bench", message: "Hello", destinations, callback }));
  });
  await untilWaiting(home, count);
  await home.query("VACUUM ANALYZE webhook");
  const settings = { roles: ["webhooks"], database: { url: home.url }, carriers: undefined };
  const program = new Program(0, settings, commonNode);
  const cpu = () => ({ "our process": cpuOf(program.pid), postgres: postgresCpu(home) });
  const figures = await timed(sink, count, cpu, async () => {
    await program.start();
    await sink.arrived(count);
    await untilWaiting(home, 0);
  });
  await program.stop();
  program.remove();
  return figures;
}

async function untilWaiting(home: Program, count: number): Promise<void> {
  const text = "SELECT count(*)::int AS waiting FROM webhook WHERE next_at IS NOT NULL";
  for (const giveUpAt = Date.now() + GIVE_UP_MS; ; ) {
    const [{ waiting }] = (await home.query<{ waiting: number }>(text)) as [{ waiting: number }];
    if (waiting === count) return;
    if (Date.now() > giveUpAt) throw new Error(`void: ${waiting} webhooks are waiting, not ${count}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function postgresCpu({ pid, folder }: Program): number {
  const members = family(pid, folder).filter(({ name }) => name === "postgres");
  return members.reduce((sum, member) => sum + cpuOf(member.pid), 0);
}

async function rival(
  name: string,
  sink: FarEnd,
  task: { count: number; [setting: string]: unknown },
  store: () => Record<string, number>,
): Promise<Figures> {
  const url = `http://127.0.0.1:${sink.port}/`;
  const process = await new Rival(name, { url, concurrency: CONCURRENCY, ...task }).start();
  const cpu = () => ({ "its process": process.cpu, ...store() });
  const figures = await timed(sink, task.count, cpu, () => process.deliver());
  process.stop();
  return figures;
}

/**
 * Deliveries a second to a cheap receiver, of webhooks that wait already: ours in turn with graphile-worker and BullMQ,
 * which deliver the same, signed and with the attempt recorded, and with undici, which posts and does nothing else.
 */
export async function deliveries(rounds: number, scale: number): Promise<void> {
  if (!rivalsAreInstalled) {
    say("  nothing to compare with: npm ci --ignore-scripts --prefix packages/server/test/bench/rivals");
  }
  const count = UNTIMED + Math.ceil((50_000 * scale) / BATCH) * BATCH;
  const smsc = await new FarEnd("smsc", []).start();
  const home = await new Program(smsc.port, { roles: ["api", "carrier"] }).start();
  const redis = rivalsAreInstalled && redisIsInstalled ? await new Redis().start() : null;
  const { accounts } = (await home.organize("GET", "/account")) as { accounts: { identifier: string }[] };
  await home.organize("POST", `/account/${accounts[0]!.identifier}/secret`);

  const postgres = { host: home.socket, user: "mplus", database: "mplus" };
  const ofPostgres = () => ({ postgres: postgresCpu(home) });
  const all: Record<string, (sink: FarEnd, round: number) => Promise<Figures>> = {
    ours: (sink, round) => ours(home, sink, count, 447_000_000_000 + round * count),
  };
  if (rivalsAreInstalled) {
    all["graphile-worker"] = (sink) => rival("graphile-worker", sink, { count, postgres }, ofPostgres);
    if (redis !== null) {
      const connection = { host: "127.0.0.1", port: redis.port };
      all.BullMQ = (sink) => rival("bullmq", sink, { count, redis: connection }, () => ({ redis: redis.cpu }));
    }
    all["undici request"] = (sink) => rival("undici", sink, { count, api: "request" }, () => ({}));
    all["undici dispatch"] = (sink) => rival("undici", sink, { count, api: "dispatch" }, () => ({}));
  }
  const rates = new Map(Object.keys(all).map((name) => [name, [] as number[]]));
  for (let round = 1; round <= rounds; round++) {
    for (const [name, run] of Object.entries(all)) {
      const sink = await new FarEnd("sink", [`skip=${UNTIMED}`]).start();
      const { rate, cpu } = await run(sink, round);
      sink.stop();
      rates.get(name)!.push(rate);
      const parts = Object.entries(cpu).map(([kind, used]) => `${kind} ${used.toFixed(1)}`);
      say(`  round ${round}: ${name} ${Math.round(rate)} a second; CPU µs a delivery: ${parts.join(", ")}`);
    }
  }
  for (const [name, values] of rates) {
    const ratios = values.map((rate, round) => rates.get("ours")![round]! / rate);
    const beside = name === "ours" ? "" : `; ours ${median(ratios).toFixed(2)} × it (${list(ratios, 2)})`;
    say(`  ${name}: median ${Math.round(median(values))} a second (${list(values, 0)})${beside}`);
  }
  await redis?.stop();
  await home.stop();
  home.remove();
  smsc.stop();
}

function list(values: readonly number[], digits: number): string {
  return values.map((value) => value.toFixed(digits)).join(", ");
}
