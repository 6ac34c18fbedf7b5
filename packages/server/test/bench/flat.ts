import { median, perMessage, say } from "./figures.ts";
import { BATCH, type Side } from "./side.ts";

const READS = 200;

/** What is read of a store: a path without its key. */
interface Read {
  name: string;
  empty: string;
  full: string;
}

/**
 * What history costs: messages a second and CPU time of single messages, and the time of reads, on a store with ten
 * days' history beside an empty one. Both are loaded in turn in short runs, since the speed of a machine changes from
 * minute to minute.
 */
export async function flat({ empty, full }: { empty: Side; full: Side }, rounds: number, scale: number): Promise<void> {
  const count = Math.ceil((10_000 * scale) / BATCH) * BATCH;
  await empty.singles(count);
  await full.singles(count);
  const ratios: Record<string, number[]> = {};
  for (let round = 0; round < rounds * 4; round++) {
    const figures = new Map<Side, Record<string, number>>();
    for (const side of round % 2 === 0 ? [empty, full] : [full, empty]) {
      const [before, begun] = [side.program.cpu(), performance.now()];
      await side.singles(count);
      const [seconds, after] = [(performance.now() - begun) / 1_000, side.program.cpu()];
      const used = Object.entries(after).map(([name, cpu]) => [`CPU ${name}`, cpu - before[name]!] as const);
      const all = used.reduce((sum, [, cpu]) => sum + cpu, 0);
      figures.set(side, { time: seconds, ...Object.fromEntries(used), "CPU in all": all });
      const name = side === empty ? "empty" : "full ";
      say(`  ${name} ${Math.round(count / seconds)} a second; ${perMessage(before, after, count)}`);
    }
    for (const [name, value] of Object.entries(figures.get(full)!)) {
      ratios[name] = [...(ratios[name] ?? []), value / figures.get(empty)![name]!];
    }
  }
  for (const [name, values] of Object.entries(ratios)) {
    const list = values.map((ratio) => ratio.toFixed(2)).join(", ");
    say(`  ${name} of a message, full beside empty: median ${median(values).toFixed(3)} (${list})`);
  }
  await reads(empty, full);
}

async function reads(empty: Side, full: Side): Promise<void> {
  await Promise.all([empty.batches(BATCH), full.batches(BATCH)]);
  const paths = async (text: string): Promise<{ empty: string; full: string }> => {
    const [ofEmpty, ofFull] = [
      await empty.program.query<{ id: string }>(`${text} LIMIT 1`),
      await full.program.query<{ id: string }>(`${text} LIMIT 1`),
    ];
    return { empty: `/batch/${ofEmpty[0]!.id}`, full: `/batch/${ofFull[0]!.id}` };
  };
  const batch = "SELECT id FROM batch WHERE total = 1000 ORDER BY id";
  const single = "SELECT left(id::text, 31) || '00000' AS id FROM message WHERE batch_id IS NULL ORDER BY message.id";
  await compare(empty, full, [
    { name: "counts of a batch of 1000 of now", ...(await paths(`${batch} DESC`)) },
    { name: "counts of the oldest batch of 1000", ...(await paths(batch)) },
    { name: "counts of a single message of now", ...(await paths(`${single} DESC`)) },
    { name: "counts of the oldest single message", ...(await paths(single)) },
    { name: "100 of 10000 pending batches", empty: "/batch?limit=100", full: "/batch?limit=100" },
    { name: "all of 10000 pending batches", empty: "/batch", full: "/batch" },
  ]);
}

/** Times each read on both in turn. */
async function compare(empty: Side, full: Side, all: readonly Read[]): Promise<void> {
  for (const read of all) {
    const times: { empty: number[]; full: number[] } = { empty: [], full: [] };
    for (let round = 0; round < READS; round++) {
      for (const kind of round % 2 === 0 ? (["empty", "full"] as const) : (["full", "empty"] as const)) {
        times[kind].push(await timed(kind === "empty" ? empty : full, read[kind]));
      }
    }
    const [ofEmpty, ofFull] = [median(times.empty), median(times.full)];
    const ratio = (ofFull / ofEmpty).toFixed(2);
    say(`  ${read.name}: ${ofEmpty.toFixed(2)} ms on the empty one, ${ofFull.toFixed(2)} ms on the full one: ${ratio}`);
  }
}

async function timed({ program }: Side, path: string): Promise<number> {
  const begun = performance.now();
  const response = await fetch(`http://127.0.0.1:${program.port}${path}`, {
    headers: { authorization: `Bearer ${program.key}` },
  });
  if (response.status !== 200) throw new Error(`void: ${path}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return performance.now() - begun;
}
