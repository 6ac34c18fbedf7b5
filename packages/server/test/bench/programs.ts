import { median, perMessage, say } from "./figures.ts";
import { closedLoop, post } from "./load.ts";
import { FarEnd } from "./processes.ts";
import { Program } from "./program.ts";
import { BATCH, to } from "./side.ts";

const CONNECTIONS = 32;
const WARM_UP = 10_000;

interface Figures {
  /** Messages a second. */
  rate: number;
  /** CPU time of a message, in µs, of both programs and their PostgreSQL. */
  cpu: number;
}

/**
 * Two programs on one PostgreSQL, each with half of the load and of the connections, in turn with one program that has
 * all while the other is idle: messages a second in all, and what a message costs both together.
 */
export async function programs(rounds: number, scale: number): Promise<void> {
  const smsc = await new FarEnd("smsc", []).start();
  const sink = await new FarEnd("sink", []).start();
  const home = await new Program(smsc.port).start();
  const other = await new Program(smsc.port, { database: { url: home.url } }).start();
  const both = [home, other];
  const callback = `http://127.0.0.1:${sink.port}/`;
  let sent = 0;
  const single = () => {
    const index = sent++;
    const message = { from: { type: "custom", value: "Bench" }, to: to(index), body: `Code ${index}`, callback };
    return post(`/message?key=${home.key}`, JSON.stringify({ messages: [message] }));
  };
  const batch = () => {
    const destinations = Array.from({ length: BATCH }, () => to(sent++));
    const body = { from: "Bench", message: "Hello", destinations, callback };
    return post(`/batch?key=${home.key}`, JSON.stringify(body));
  };
  const load = async (all: readonly Program[], connections: number, requests: number, request: () => string) => {
    const each = (program: Program) =>
      closedLoop(program.port, connections / all.length, requests / all.length, request);
    await Promise.all(all.map(each));
    await sink.arrived(sent);
  };
  const cpu = (): Record<string, number> => {
    const sum: Record<string, number> = {};
    for (const [name, used] of both.flatMap((program) => Object.entries(program.cpu())))
      sum[name] = (sum[name] ?? 0) + used;
    return sum;
  };
  const parts = [
    { name: "singles", connections: CONNECTIONS, size: 1, request: single, count: Math.round(10_000 * scale) * 2 },
    { name: "batches", connections: 4, size: BATCH, request: batch, count: Math.ceil(20 * scale) * 2 * BATCH },
  ];
  const ratios = new Map(parts.map(({ name }) => [name, { rate: [] as number[], cpu: [] as number[] }]));
  for (const program of both) await load([program], CONNECTIONS, WARM_UP, single);
  for (let round = 0; round < Math.max(3, rounds) * 2; round++) {
    const figures = { one: new Map<string, Figures>(), two: new Map<string, Figures>() };
    for (const kind of round % 2 === 0 ? (["one", "two"] as const) : (["two", "one"] as const)) {
      const all = kind === "one" ? [home] : both;
      for (const { name, connections, size, request, count } of parts) {
        const [before, begun] = [cpu(), performance.now()];
        await load(all, connections, count / size, request);
        const rate = (count / (performance.now() - begun)) * 1_000;
        const after = cpu();
        const used = Object.entries(after).reduce((sum, [process, until]) => sum + until - before[process]!, 0);
        figures[kind].set(name, { rate, cpu: used / count });
        say(`  ${kind}, ${name}: ${Math.round(rate)} a second; ${perMessage(before, after, count)}`);
      }
    }
    for (const [name, { rate, cpu }] of ratios) {
      const [one, two] = [figures.one.get(name)!, figures.two.get(name)!];
      rate.push(two.rate / one.rate);
      cpu.push(two.cpu / one.cpu);
    }
  }
  const list = (values: number[]) =>
    `${median(values).toFixed(2)} (${values.map((ratio) => ratio.toFixed(2)).join(", ")})`;
  for (const [name, { rate, cpu }] of ratios) {
    say(`  ${name}, two programs together beside one: rate ${list(rate)}, CPU time of a message ${list(cpu)}`);
  }
  const { repeats } = await sink.counts();
  if (repeats !== 0) throw new Error(`void: ${repeats} repeats`);
  for (const program of [other, home]) {
    await program.stop();
    program.remove();
  }
  smsc.stop();
  sink.stop();
}
