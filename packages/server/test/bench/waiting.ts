import { median, say } from "./figures.ts";
import { closedLoop, post } from "./load.ts";
import { FarEnd } from "./processes.ts";
import { carrierAt, Program } from "./program.ts";
import { BATCH, to } from "./side.ts";

const WAIT_MS = 100;
const WINDOWS = [50, 100, 200, 400, 800, 1_600];
const SECONDS = 10;
/** Until the shares of the endpoint have grown to what it may have. */
const UNTIMED_SECONDS = 2;
const BUSY = ["engine", "api", "postgres"] as const;

/** Webhooks a second, and how much of a core each kind of process used meanwhile. */
interface Figures {
  rate: number;
  cores: Record<string, number>;
}

async function run(window: number, scale: number): Promise<Figures> {
  const expected = window / (WAIT_MS / 1_000);
  const count = Math.max(2, Math.ceil((expected * SECONDS * scale) / BATCH)) * BATCH;
  const untimed = Math.min(count / 2, Math.ceil(expected * UNTIMED_SECONDS));
  const smsc = await new FarEnd("smsc", [`answer=${WAIT_MS}`]).start();
  const sink = await new FarEnd("sink", [`slow=${WAIT_MS}`, `skip=${untimed}`]).start();
  const program = await new Program(smsc.port, {
    carriers: [carrierAt(smsc.port, window)],
    // An account may have twice what it leaves free: the endpoint's own bound is to be the one that is met.
    callbacks: { allowPrivateAddresses: true, perEndpoint: window, inFlight: 2 * window },
  }).start();
  let next = 0;
  await closedLoop(program.port, 4, count / BATCH, () => {
    const destinations = Array.from({ length: BATCH }, () => to(next++));
    const callback = `http://127.0.0.1:${sink.port}/`;
    return post(
      `/batch?key=${program.key}`,
      JSON.stringify({ from: "Bench", message: "Hello", destinations, callback }),
    );
  });
  await sink.arrived(untimed);
  const [before, begun] = [program.cpu(), performance.now()];
  await sink.arrived(count);
  const [after, seconds] = [program.cpu(), (performance.now() - begun) / 1_000];
  const { hooks, repeats, first, last } = await sink.counts();
  if (hooks !== count || repeats !== 0) throw new Error(`void: ${hooks} webhooks of ${count}, ${repeats} repeats`);
  await program.stop();
  program.remove();
  smsc.stop();
  sink.stop();
  const cores = BUSY.map((name) => [name, (after[name]! - before[name]!) / 1e6 / seconds] as const);
  return { rate: ((count - untimed - 1) / (last! - first!)) * 1_000, cores: Object.fromEntries(cores) };
}

/**
 * A carrier and a receiver that take 100 ms for each answer: webhooks a second by window, with as many slots for the
 * receiver. What waiting allows is window / 0.1 s.
 */
export async function waiting(rounds: number, scale: number): Promise<void> {
  const rates = new Map(WINDOWS.map((window) => [window, [] as number[]]));
  for (let round = 1; round <= rounds; round++) {
    for (const window of WINDOWS) {
      const { rate, cores } = await run(window, scale);
      rates.get(window)!.push(rate);
      const busy = Object.entries(cores).map(([name, share]) => `${name} ${share.toFixed(2)}`);
      say(`  round ${round}, window ${window}: ${Math.round(rate)} a second; cores used: ${busy.join(", ")}`);
    }
  }
  for (const [window, values] of rates) {
    const share = (median(values) * WAIT_MS) / 1_000 / window;
    const list = values.map((rate) => Math.round(rate)).join(", ");
    say(
      `  window ${window}: median ${Math.round(median(values))} a second (${list}), ${share.toFixed(2)} of what waiting allows`,
    );
  }
}
