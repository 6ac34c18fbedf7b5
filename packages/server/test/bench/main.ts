/**
 * `npm run bench`: messages a second from HTTP submit through SMPP and receipt to the webhook, with the CPU time of each
 * kind of process per message. A run whose ledger does not balance (submits, receipts, webhooks, none twice) is void.
 */
import { loadavg } from "node:os";
import { closedLoop, post } from "./load.ts";
import { cpuOf, FarEnd } from "./processes.ts";
import { Program } from "./program.ts";

const CONNECTIONS = 32;
const BATCH = 1_000;

interface Figure {
  perSecond: number;
  cpu: Record<string, number>;
  memory: number;
}

const singles = Number(process.env.BENCH_SINGLES ?? 40_000);
const batched = Number(process.env.BENCH_BATCHED ?? 100_000);
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);

const smsc = await new FarEnd("smsc", []).start();
const sink = await new FarEnd("sink", []).start();
const program = await new Program(smsc.port).start();
const callback = `http://127.0.0.1:${sink.port}/`;
const to = (index: number) => `+4477009${String(index % 100_000).padStart(5, "0")}`;

function single(index: number): string {
  const message = {
    from: { type: "custom", value: "Bench" },
    to: to(index),
    body: `Your code is ${100_000 + index}`,
    callback,
  };
  return post(`/message?key=${program.key}`, JSON.stringify({ messages: [message] }));
}

function batch(index: number): string {
  const destinations = Array.from({ length: BATCH }, (_, at) => to(index * BATCH + at));
  return post(
    `/message?key=${program.key}`,
    JSON.stringify({ from: "Bench", message: "Hello", destinations, callback }),
  );
}

async function measure(
  messages: number,
  requests: number,
  connections: number,
  request: (index: number) => string,
): Promise<Figure> {
  const before = { hooks: (await sink.counts()).hooks!, cpu: cpu() };
  const start = performance.now();
  await closedLoop(program.port, connections, requests, request);
  await arrived(before.hooks + messages);
  const seconds = (performance.now() - start) / 1_000;
  const after = cpu();
  const perMessage = Object.fromEntries(
    Object.entries(after).map(([name, used]) => [name, Math.round((used - (before.cpu[name] ?? 0)) / messages)]),
  );
  return { perSecond: Math.round(messages / seconds), cpu: perMessage, memory: Math.round(program.nodeMemory()) };
}

function cpu(): Record<string, number> {
  return { ...program.cpu(), smsc: cpuOf(smsc.process.pid!), sink: cpuOf(sink.process.pid!), load: cpuOf(process.pid) };
}

async function arrived(hooks: number): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const counts = await sink.counts();
    if (counts.hooks! >= hooks) return;
    if (Date.now() > giveUpAt) throw new Error(`void: ${hooks - counts.hooks!} webhooks are missing`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function report(name: string, figures: Figure[]): void {
  const median = figures.map(({ perSecond }) => perSecond).sort((a, b) => a - b)[figures.length >> 1];
  process.stdout.write(`${name}: ${median} a second (${figures.map(({ perSecond }) => perSecond).join(", ")})\n`);
  for (const { cpu: used, memory } of figures) {
    const parts = Object.entries(used).map(([part, us]) => `${part} ${us}`);
    process.stdout.write(`  CPU µs a message: ${parts.join(", ")}; Node ${memory} MB\n`);
  }
}

process.stdout.write(`Node ${process.version}, load average ${loadavg()[0]!.toFixed(2)}\n`);
try {
  await measure(2_000, 2_000, CONNECTIONS, single);
  const single32: Figure[] = [];
  const batch1000: Figure[] = [];
  for (let round = 0; round < rounds; round++) {
    single32.push(await measure(singles, singles, CONNECTIONS, single));
    batch1000.push(await measure(batched, batched / BATCH, 4, batch));
  }
  report(`Single messages over ${CONNECTIONS} connections`, single32);
  report(`Batches of ${BATCH}`, batch1000);
  const { submits, receipts, acknowledged } = await smsc.counts();
  const { hooks, repeats } = await sink.counts();
  const even = submits === receipts && receipts === hooks && repeats === 0;
  process.stdout.write(
    `Ledger: ${submits} submits, ${receipts} receipts, ${acknowledged} acknowledged, ${hooks} webhooks, ${repeats} repeats: ${even ? "even" : "VOID"}\n`,
  );
  if (!even) process.exitCode = 1;
} finally {
  await program.stop();
  program.remove();
  smsc.stop();
  sink.stop();
}
