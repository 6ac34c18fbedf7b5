/**
 * `npm run bench`: messages a second from HTTP submit through SMPP and receipt to the webhook, ours in turn with the
 * reference (Kannel, where it is installed), at least three rounds; medians and all values; CPU time by kind of process.
 * A run whose ledger does not balance (submits, receipts, webhooks, none twice) is void.
 *
 * Parts by name, as in PARTS below: `node … main.js singles latency`; without names, all. BENCH_ROUNDS, BENCH_SCALE, and
 * BENCH_HISTORY, the messages of history that `find`, `history` and `rest` are measured with; BENCH_BASE, a checkout that
 * `builds` compares with.
 */
import { builds } from "./builds.ts";
import { credits } from "./credits.ts";
import { deliveries } from "./deliveries.ts";
import { engines } from "./engines.ts";
import { fairness } from "./fairness.ts";
import { machine, median, percentile, perMessage, perSecond, say, writtenPerMessage } from "./figures.ts";
import { filled } from "./filled.ts";
import { find } from "./find.ts";
import { flat } from "./flat.ts";
import { Kannel, kannelRound } from "./kannel.ts";
import { Connection, closedLoop, openLoop, post } from "./load.ts";
import { pages } from "./pages.ts";
import { FarEnd } from "./processes.ts";
import { Program } from "./program.ts";
import { programs } from "./programs.ts";
import { rest } from "./rest.ts";
import { BATCH, Side, to } from "./side.ts";
import { slow } from "./slow.ts";
import { smpp } from "./smpp.ts";
import { waiting } from "./waiting.ts";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SCALE = Number(process.env.BENCH_SCALE ?? 1);
const HISTORY = Number(process.env.BENCH_HISTORY ?? 10_000_000);
const CONNECTIONS = 32;
const SINGLES = Math.round(80_000 * SCALE);
const BATCHED = Math.round(100 * SCALE) * BATCH;
const OUTSTANDING = Math.round(50_000 * SCALE);

/** Single messages and batches, in turn with the reference. */
async function endToEnd(parts: ReadonlySet<string>): Promise<void> {
  const rates: Record<string, number[]> = { kannel: [], singles: [], batches: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    say(`  round ${round}; ${machine()}`);
    if (Kannel.isInstalled) rates.kannel!.push(await kannelRound(Math.round(20_000 * SCALE), CONNECTIONS));
    const side = await new Side().start();
    if (parts.has("singles")) {
      const { rate, line } = await measured(side, SINGLES, () => side.singles(SINGLES));
      rates.singles!.push(rate);
      say(`    singles ${line}`);
    }
    if (parts.has("batches")) {
      const { rate, line } = await measured(side, BATCHED, () => side.batches(BATCHED));
      rates.batches!.push(rate);
      say(`    batches of ${BATCH} ${line}`);
    }
    await side.stop();
  }
  const reference = median(rates.kannel!);
  for (const [name, values] of Object.entries(rates)) {
    if (values.length === 0) continue;
    const ratio = Number.isNaN(reference) ? "" : `, ${(median(values) / reference).toFixed(2)} × Kannel`;
    say(`  ${name}: median ${median(values)} a second (${values.join(", ")})${ratio}`);
  }
}

/** What `count` messages through a program cost: rate, CPU time by process, WAL, commits and memory. */
async function measured(side: Side, count: number, run: () => Promise<void>): Promise<{ rate: number; line: string }> {
  const [cpu, wal] = [side.cpu(), await side.program.written()];
  const rate = await perSecond(count, run);
  const costs = [perMessage(cpu, side.cpu(), count), writtenPerMessage(wal, await side.program.written(), count)];
  return { rate, line: `${rate} a second; ${costs.join("; ")}; ${memory(side)}` };
}

function memory({ program }: Side): string {
  return `Node ${Math.round(program.nodeMemory().resident)} MB resident`;
}

/** Webhooks a second when 50,000 receipts are outstanding and come back shuffled, beside those that come at once. */
async function shuffled(): Promise<void> {
  const ratios: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const rates: number[] = [];
    for (const mode of [[], [`hold=${OUTSTANDING}`]]) {
      const smsc = await new FarEnd("smsc", mode).start();
      const sink = await new FarEnd("sink", []).start();
      const program = await new Program(smsc.port).start();
      const callback = `http://127.0.0.1:${sink.port}/`;
      let next = 0;
      const request = () => {
        const destinations = Array.from({ length: BATCH }, () => to(next++));
        return post(
          `/message?key=${program.key}`,
          JSON.stringify({ from: "Bench", message: "Hello", destinations, callback }),
        );
      };
      const all = (async () => {
        await closedLoop(program.port, 4, OUTSTANDING / BATCH, request);
        await sink.arrived(OUTSTANDING);
        return performance.now();
      })();
      // What counts is the way back: from the first receipt to the last webhook.
      while ((await smsc.counts()).receipts === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      const start = performance.now();
      rates.push(Math.round((OUTSTANDING / ((await all) - start)) * 1_000));
      await program.stop();
      program.remove();
      smsc.stop();
      sink.stop();
    }
    ratios.push(rates[1]! / rates[0]!);
    say(`  round ${round}: at once ${rates[0]}, ${OUTSTANDING} outstanding and shuffled ${rates[1]} webhooks a second`);
  }
  say(
    `  shuffled: median ${median(ratios).toFixed(2)} of at once (${ratios.map((ratio) => ratio.toFixed(2)).join(", ")})`,
  );
}

/** Open loop at 1,000 a second, from the first second on, timed from the planned moment. */
async function latency(): Promise<void> {
  const smsc = await new FarEnd("smsc", ["sent"]).start();
  const sink = await new FarEnd("sink", ["arrivals"]).start();
  const program = await new Program(smsc.port).start();
  const count = Math.round(20_000 * SCALE);
  const callback = `http://127.0.0.1:${sink.port}/`;
  const answers = await openLoop(program.port, 1_000, count, (index) => {
    const message = { from: { type: "custom", value: "Bench" }, to: to(index), body: `Code ${index}`, callback };
    return post(`/message?key=${program.key}`, JSON.stringify({ messages: [message] }));
  });
  await sink.arrived(count);
  const accepts = answers.map(({ ms }) => ms);
  const sent = await smsc.times("sent");
  const ways = [...(await sink.times("arrivals"))].map(([number, at]) => at - (sent.get(number) ?? Number.NaN));
  const line = (values: number[]) =>
    `p50 ${percentile(values, 0.5).toFixed(1)}, p99 ${percentile(values, 0.99).toFixed(1)}, worst ${percentile(values, 1).toFixed(1)} ms`;
  say(`  accept: ${line(accepts)}; in the first second ${line(accepts.slice(0, 1_000))}`);
  say(`  receipt to webhook: ${line(ways)}`);
  await program.stop();
  program.remove();
  smsc.stop();
  sink.stop();
}

/** A batch of 100,000, and what another account's single messages feel of it. */
async function large(): Promise<void> {
  const side = await new Side().start();
  const size = Math.round(100_000 * SCALE);
  const other = await side.program.otherAccount();
  const hooks = (await side.sink.counts()).hooks!;
  const singles = openLoop(side.program.port, 200, 1_000, () => side.single(other));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const connection = new Connection(side.program.port);
  const request = side.batch(size);
  const start = performance.now();
  const status = await connection.send(request);
  const seconds = (performance.now() - start) / 1_000;
  connection.close();
  const times = (await singles).map(({ ms }) => ms);
  say(`  a batch of ${size}: answered ${status} after ${seconds.toFixed(2)} s`);
  say(
    `  another account's singles meanwhile: p50 ${percentile(times, 0.5).toFixed(1)}, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
  );
  await side.sink.arrived(hooks + size + 1_000);
  await side.stop();
}

/** What has a store with history, made once for both. */
async function withHistory(parts: ReadonlySet<string>): Promise<void> {
  const sides = await filled(HISTORY);
  if (parts.has("history")) await flat(sides, ROUNDS, SCALE);
  if (parts.has("rest")) await rest(sides, ROUNDS, SCALE);
  await sides.empty.stop();
  await sides.full.stop();
}

const PARTS: { names: string[]; title: string; run: (parts: ReadonlySet<string>) => Promise<void> }[] = [
  { names: ["singles", "batches"], title: "End to end", run: endToEnd },
  { names: ["shuffled"], title: "Receipts outstanding and shuffled", run: shuffled },
  { names: ["latency"], title: "Latency at 1,000 a second", run: latency },
  { names: ["large"], title: "A large batch", run: large },
  { names: ["smpp"], title: "Customers over SMPP beside HTTP and Kannel", run: () => smpp(ROUNDS, SCALE) },
  { names: ["builds"], title: "This build beside another", run: () => builds(ROUNDS, SCALE) },
  { names: ["credits"], title: "Credits on beside off", run: () => credits(ROUNDS, SCALE) },
  {
    names: ["fairness"],
    title: "Endpoints beside such as hang, and beside a dead one",
    run: () => fairness(ROUNDS, SCALE),
  },
  { names: ["slow"], title: "One endpoint that takes 250 ms", run: () => slow(SCALE) },
  { names: ["deliveries"], title: "Deliveries beside other queues", run: () => deliveries(ROUNDS, SCALE) },
  { names: ["pages"], title: "Pages of webhooks", run: () => pages(SCALE) },
  {
    names: ["waiting"],
    title: "A carrier and a receiver that take 100 ms",
    run: () => waiting(ROUNDS, SCALE),
  },
  { names: ["engines"], title: "Two engines in one program beside one", run: () => engines(ROUNDS, SCALE) },
  { names: ["programs"], title: "Two programs beside one", run: () => programs(ROUNDS, SCALE) },
  { names: ["find"], title: "Searches in a store with history", run: () => find(HISTORY) },
  { names: ["history", "rest"], title: "A store with history beside an empty one", run: withHistory },
];

const named = process.argv.slice(2);
const parts = new Set(named.length > 0 ? named : PARTS.flatMap(({ names }) => names));
say(machine());
if (!Kannel.isInstalled) say("Kannel is not installed (bearerbox is not on the path): no ratio to the reference.");
for (const { names, title, run } of PARTS) {
  if (!names.some((name) => parts.has(name))) continue;
  say(title);
  await run(parts);
}
