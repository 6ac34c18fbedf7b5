import { median, perMessage, say, writtenPerMessage } from "./figures.ts";
import { BATCH, type Side } from "./side.ts";

/** A program under its name in what is printed. */
export interface Named {
  name: string;
  side: Side;
}

const SIZES = [
  ["singles", 10_000],
  ["batches", 50_000],
] as const;

/**
 * Messages a second, CPU time and WAL of one program as ratios to another's: both are loaded in turn in short runs, four a
 * round, since the speed of a machine changes from minute to minute.
 */
export async function inTurn(base: Named, other: Named, rounds: number, scale: number): Promise<void> {
  for (const [kind, size] of SIZES) {
    const count = Math.ceil((size * scale) / BATCH) * BATCH;
    const ratios: Record<"rate" | "CPU time" | "WAL bytes", number[]> = { rate: [], "CPU time": [], "WAL bytes": [] };
    for (let run = 0; run < rounds * 4; run++) {
      const figures = new Map<Named, Awaited<ReturnType<typeof costs>>>();
      for (const named of run % 2 === 0 ? [base, other] : [other, base]) {
        const cost = await costs(named.side, kind, count);
        figures.set(named, cost);
        say(`  ${kind} ${named.name} ${cost.line}`);
      }
      const [of, to] = [figures.get(other)!, figures.get(base)!];
      ratios.rate.push(of.rate / to.rate);
      ratios["CPU time"].push(of.cpu / to.cpu);
      ratios["WAL bytes"].push(of.wal / to.wal);
    }
    for (const [figure, values] of Object.entries(ratios)) {
      const list = values.map((ratio) => ratio.toFixed(2)).join(", ");
      say(`  ${kind} ${other.name} beside ${base.name}: ${median(values).toFixed(3)} of the ${figure} (${list})`);
    }
  }
}

/** Sends `count` messages. Resolves with messages a second, and for all of them µs of CPU time and bytes of WAL. */
async function costs(side: Side, kind: "singles" | "batches", count: number) {
  const [cpuBefore, walBefore] = [side.program.cpu(), await side.program.written()];
  const begun = performance.now();
  await side[kind](count);
  const rate = Math.round((count / (performance.now() - begun)) * 1_000);
  const [cpuAfter, walAfter] = [side.program.cpu(), await side.program.written()];
  const sum = (used: Record<string, number>) => Object.values(used).reduce((total, part) => total + part, 0);
  return {
    rate,
    cpu: sum(cpuAfter) - sum(cpuBefore),
    wal: walAfter.bytes - walBefore.bytes,
    line: `${rate} a second; ${perMessage(cpuBefore, cpuAfter, count)}; ${writtenPerMessage(walBefore, walAfter, count)}`,
  };
}
