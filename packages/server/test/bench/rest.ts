import { setTimeout as sleep } from "node:timers/promises";
import { median, say } from "./figures.ts";
import { Program } from "./program.ts";
import type { Side } from "./side.ts";

const IDLE_MS = 30_000;

/** From start to ready, on a folder with nothing in it and on a full one in turn; then what Node keeps resident at rest. */
export async function rest({ empty, full }: { empty: Side; full: Side }, rounds: number, scale: number): Promise<void> {
  const times: { fresh: number[]; full: number[] } = { fresh: [], full: [] };
  for (let round = 0; round < Math.max(3, rounds); round++) {
    const fresh = new Program(empty.smsc.port);
    times.fresh.push(await started(fresh));
    await fresh.stop();
    fresh.remove();
    await full.program.stop();
    times.full.push(await started(full.program));
  }
  for (const [name, values] of Object.entries(times)) {
    const list = values.map((seconds) => seconds.toFixed(2)).join(", ");
    say(`  start to ready, ${name} folder: median ${median(values).toFixed(2)} s (${list})`);
  }
  await empty.program.stop();
  await empty.program.start();
  const sides = { empty, full };
  await sleep(IDLE_MS);
  for (const [name, side] of Object.entries(sides)) say(`  ${name} store, 30 s after the start: ${memory(side)}`);
  const count = Math.round(20_000 * scale);
  for (const side of [empty, full]) await side.singles(count);
  for (const [name, side] of Object.entries(sides)) say(`  ${name} store, after ${count} messages: ${memory(side)}`);
  await sleep(IDLE_MS);
  for (const [name, side] of Object.entries(sides)) say(`  ${name} store, 30 s after the load: ${memory(side)}`);
}

async function started(program: Program): Promise<number> {
  const begun = performance.now();
  await program.start();
  return (performance.now() - begun) / 1_000;
}

function memory({ program }: Side): string {
  const { resident, proportional } = program.nodeMemory();
  return `Node ${Math.round(resident)} MB resident, ${Math.round(proportional)} MB with shared pages counted once`;
}
