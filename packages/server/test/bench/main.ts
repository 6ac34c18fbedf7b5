/**
 * `npm run bench`: messages a second from HTTP submit through SMPP and receipt to the webhook, ours in turn with the
 * reference (Kannel, where it is installed), at least three rounds; medians and all values; CPU time by kind of process.
 * A run whose ledger does not balance (submits, receipts, webhooks, none twice) is void.
 *
 * Parts by name: `node … main.js singles batches shuffled latency large credits
 * fairness slow deliveries pages`; without names, all. BENCH_ROUNDS,
 * BENCH_SCALE.
 */
import { credits } from "./credits.ts";
import { deliveries } from "./deliveries.ts";
import { fairness } from "./fairness.ts";
import { machine, median, percentile, perMessage, say } from "./figures.ts";
import { Kannel } from "./kannel.ts";
import { Connection, closedLoop, openLoop, post } from "./load.ts";
import { pages } from "./pages.ts";
import { cpuOf, FarEnd } from "./processes.ts";
import { Program } from "./program.ts";
import { slow } from "./slow.ts";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SCALE = Number(process.env.BENCH_SCALE ?? 1);
const CONNECTIONS = 32;
const BATCH = 1_000;
const SINGLES = Math.round(40_000 * SCALE);
const BATCHED = Math.round(100 * SCALE) * BATCH;
const OUTSTANDING = Math.round(50_000 * SCALE);

const to = (index: number) => String(447_700_000_000 + index);

/** Far ends of one run, and a program between them. */
class Bench {
  smsc!: FarEnd;
  sink!: FarEnd;
  program!: Program;
  #next = 0;

  async start(smscMode: string[] = [], sinkMode: string[] = []): Promise<this> {
    this.smsc = await new FarEnd("smsc", smscMode).start();
    this.sink = await new FarEnd("sink", sinkMode).start();
    this.program = await new Program(this.smsc.port).start();
    await this.singles(2_000);
    return this;
  }

  async stop(): Promise<void> {
    const { submits, receipts } = await this.smsc.counts();
    const { hooks, repeats } = await this.sink.counts();
    await this.program.stop();
    this.program.remove();
    this.smsc.stop();
    this.sink.stop();
    if (submits !== receipts || receipts !== hooks || repeats !== 0) {
      throw new Error(`void: ${submits} submits, ${receipts} receipts, ${hooks} webhooks, ${repeats} repeats`);
    }
  }

  /** A request with one message; numbers are never used twice. */
  single(key = this.program.key): string {
    const index = this.#next++;
    const callback = `http://127.0.0.1:${this.sink.port}/`;
    const message = {
      from: { type: "custom", value: "Bench" },
      to: to(index),
      body: `Your code is ${index}`,
      callback,
    };
    return post(`/message?key=${key}`, JSON.stringify({ messages: [message] }));
  }

  batch(size: number): string {
    const destinations = Array.from({ length: size }, () => to(this.#next++));
    const callback = `http://127.0.0.1:${this.sink.port}/`;
    return post(
      `/message?key=${this.program.key}`,
      JSON.stringify({ from: "Bench", message: "Hello", destinations, callback }),
    );
  }

  async singles(count: number): Promise<void> {
    const before = (await this.sink.counts()).hooks!;
    await closedLoop(this.program.port, CONNECTIONS, count, () => this.single());
    await this.sink.arrived(before + count);
  }

  cpu(): Record<string, number> {
    const { smsc, sink } = this;
    const ends = { smsc: cpuOf(smsc.process.pid!), sink: cpuOf(sink.process.pid!), load: cpuOf(process.pid) };
    return { ...this.program.cpu(), ...ends };
  }
}

async function perSecond(messages: number, run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return Math.round((messages / (performance.now() - start)) * 1_000);
}

async function kannelRound(count: number): Promise<number> {
  const smsc = await new FarEnd("smsc", []).start();
  const sink = await new FarEnd("sink", []).start();
  const kannel = await new Kannel(smsc.port).start();
  const send = async (messages: number, from: number): Promise<void> => {
    await closedLoop(kannel.port, CONNECTIONS, messages, (index) =>
      kannel.request(`+${to(from + index)}`, index, sink.port),
    );
    await sink.arrived(from + messages);
  };
  await send(1_000, 0);
  const before = kannel.cpu();
  const rate = await perSecond(count, () => send(count, 1_000));
  say(`    Kannel ${rate} a second; ${perMessage(before, kannel.cpu(), count)}`);
  await kannel.stop();
  smsc.stop();
  sink.stop();
  return rate;
}

/** Single messages and batches, in turn with the reference. */
async function endToEnd(parts: ReadonlySet<string>): Promise<void> {
  const rates: Record<string, number[]> = { kannel: [], singles: [], batches: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    say(`  round ${round}; ${machine()}`);
    if (Kannel.isInstalled) rates.kannel!.push(await kannelRound(Math.round(20_000 * SCALE)));
    const bench = await new Bench().start();
    if (parts.has("singles")) {
      const before = bench.cpu();
      const rate = await perSecond(SINGLES, () => bench.singles(SINGLES));
      rates.singles!.push(rate);
      say(`    singles ${rate} a second; ${perMessage(before, bench.cpu(), SINGLES)}; ${memory(bench)}`);
    }
    if (parts.has("batches")) {
      const before = bench.cpu();
      const hooks = (await bench.sink.counts()).hooks!;
      const rate = await perSecond(BATCHED, async () => {
        await closedLoop(bench.program.port, 4, BATCHED / BATCH, () => bench.batch(BATCH));
        await bench.sink.arrived(hooks + BATCHED);
      });
      rates.batches!.push(rate);
      say(`    batches of ${BATCH} ${rate} a second; ${perMessage(before, bench.cpu(), BATCHED)}; ${memory(bench)}`);
    }
    await bench.stop();
  }
  const reference = median(rates.kannel!);
  for (const [name, values] of Object.entries(rates)) {
    if (values.length === 0) continue;
    const ratio = Number.isNaN(reference) ? "" : `, ${(median(values) / reference).toFixed(2)} × Kannel`;
    say(`  ${name}: median ${median(values)} a second (${values.join(", ")})${ratio}`);
  }
}

function memory({ program }: Bench): string {
  return `Node ${Math.round(program.nodeMemory())} MB resident`;
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
  const bench = await new Bench().start();
  const size = Math.round(100_000 * SCALE);
  const other = await bench.program.otherAccount();
  const hooks = (await bench.sink.counts()).hooks!;
  const singles = openLoop(bench.program.port, 200, 1_000, () => bench.single(other));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const connection = new Connection(bench.program.port);
  const request = bench.batch(size);
  const start = performance.now();
  const status = await connection.send(request);
  const seconds = (performance.now() - start) / 1_000;
  connection.close();
  const times = (await singles).map(({ ms }) => ms);
  say(`  a batch of ${size}: answered ${status} after ${seconds.toFixed(2)} s`);
  say(
    `  another account's singles meanwhile: p50 ${percentile(times, 0.5).toFixed(1)}, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
  );
  await bench.sink.arrived(hooks + size + 1_000);
  await bench.stop();
}

const named = process.argv.slice(2);
const parts = new Set(
  named.length > 0
    ? named
    : ["singles", "batches", "shuffled", "latency", "large", "credits", "fairness", "slow", "deliveries", "pages"],
);
say(machine());
if (!Kannel.isInstalled) say("Kannel is not installed (bearerbox is not on the path): no ratio to the reference.");
if (parts.has("singles") || parts.has("batches")) {
  say("End to end");
  await endToEnd(parts);
}
if (parts.has("shuffled")) {
  say("Receipts outstanding and shuffled");
  await shuffled();
}
if (parts.has("latency")) {
  say("Latency at 1,000 a second");
  await latency();
}
if (parts.has("large")) {
  say("A large batch");
  await large();
}
if (parts.has("credits")) {
  say("Credits on beside off");
  await credits(ROUNDS, SCALE);
}
if (parts.has("fairness")) {
  say("Endpoints beside such as hang, and beside a dead one");
  await fairness(ROUNDS, SCALE);
}
if (parts.has("slow")) {
  say("One endpoint that takes 250 ms");
  await slow(SCALE);
}
if (parts.has("deliveries")) {
  say("Deliveries beside other queues");
  await deliveries(ROUNDS, SCALE);
}
if (parts.has("pages")) {
  say("Pages of webhooks");
  await pages(SCALE);
}
