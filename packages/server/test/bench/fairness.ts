import { median, percentile, say } from "./figures.ts";
import { closedLoop, openLoop, post } from "./load.ts";
import { freePort } from "./ports.ts";
import { FarEnd } from "./processes.ts";
import { Program } from "./program.ts";

const ACCOUNTS = 10;
/** Of each account. */
const ENDPOINTS = Number(process.env.BENCH_ENDPOINTS ?? 100) / ACCOUNTS;
/** Of so many endpoints one never answers. */
const SILENT_OF = 10;
const RATE = 1_000;
const BATCH = 1_000;
/** The destinations of what is piled up first, and of what is measured. */
const PILED_FROM = 447_600_000_000;
const MEASURED_FROM = 447_700_000_000;

/** The accounts in turn, and of each its endpoints. */
function endpointOf(index: number): number {
  return (index % ACCOUNTS) * ENDPOINTS + (Math.floor(index / ACCOUNTS) % ENDPOINTS);
}

/** From final state to arrival, in ms, of the webhooks to endpoints that answer in both kinds of run. */
async function run(beside: boolean, piled: number, count: number): Promise<number[]> {
  const smsc = await new FarEnd("smsc", []).start();
  const mode = ["arrivals", `ports=${ACCOUNTS * ENDPOINTS}`, ...(beside ? [`silent=${SILENT_OF}`] : [])];
  const sink = await new FarEnd("sink", mode).start();
  const program = await new Program(smsc.port).start();
  const keys = [program.key];
  while (keys.length < ACCOUNTS) keys.push(await program.otherAccount());
  await pile(program, piled, beside ? await freePort() : sink.port);
  if (!beside) await sink.arrived(piled);

  await openLoop(program.port, RATE, count, (index) => {
    const account = index % ACCOUNTS;
    const callback = `http://127.0.0.1:${sink.ports[endpointOf(index)]}/`;
    const from = { type: "custom", value: "Bench" };
    const message = { from, to: String(MEASURED_FROM + index), body: `Code ${index}`, callback };
    return post(`/message?key=${keys[account]}`, JSON.stringify({ messages: [message] }));
  });
  await sink.arrived(beside ? count - count / SILENT_OF : piled + count);
  const finals = await program.query<{ destination: string; at: string }>(
    `SELECT destination, extract(epoch FROM final_at) * 1000 AS at FROM message WHERE destination >= ${MEASURED_FROM}`,
  );
  const arrivals = await sink.times("arrivals");
  const answering = ({ destination }: { destination: string }) =>
    (endpointOf(Number(destination) - MEASURED_FROM) + 1) % SILENT_OF !== 0;
  const ways = finals.filter(answering).map(({ destination, at }) => arrivals.get(destination)! - Number(at));
  await program.stop();
  program.remove();
  smsc.stop();
  sink.stop();
  return ways;
}

/** As many webhooks of the first account, all to one port; returns once their messages are final. */
async function pile(program: Program, webhooks: number, port: number): Promise<void> {
  let next = PILED_FROM;
  await closedLoop(program.port, 4, webhooks / BATCH, () => {
    const destinations = Array.from({ length: BATCH }, () => String(next++));
    const body = { from: "Bench", message: "Hello", destinations, callback: `http://127.0.0.1:${port}/` };
    return post(`/batch?key=${program.key}`, JSON.stringify(body));
  });
  for (;;) {
    const [row] = await program.query<{ count: string }>("SELECT count(*) FROM webhook");
    if (Number(row!.count) >= webhooks) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/**
 * Open loop at 1,000 a second to 100 endpoints (BENCH_ENDPOINTS) of ten accounts: what nine tenths of them feel of it when
 * the others take requests and never answer, while 100,000 webhooks wait for one where nobody listens. In turn with runs
 * in which all are well and the 100,000 were delivered.
 */
export async function fairness(rounds: number, scale: number): Promise<void> {
  const count = Math.ceil((15_000 * scale) / (ACCOUNTS * ENDPOINTS)) * ACCOUNTS * ENDPOINTS;
  const piled = Math.ceil((100_000 * scale) / BATCH) * BATCH;
  const ratios: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const p99s: number[] = [];
    for (const beside of [false, true]) {
      const ways = await run(beside, piled, count);
      const [p50, p99, worst] = [0.5, 0.99, 1].map((share) => percentile(ways, share));
      const figures = `p50 ${p50!.toFixed(1)}, p99 ${p99!.toFixed(1)}, worst ${worst!.toFixed(1)} ms`;
      say(`  round ${round}, ${beside ? "beside" : "without"} them: ${figures} (${ways.length} webhooks)`);
      p99s.push(p99!);
    }
    ratios.push(p99s[1]! / p99s[0]!);
  }
  const list = ratios.map((ratio) => ratio.toFixed(2)).join(", ");
  say(`  fairness: the others' p99 is ${median(ratios).toFixed(2)} times what it is without them (${list})`);
}
