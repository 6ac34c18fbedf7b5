import { percentile, say } from "./figures.ts";
import { openLoop, post } from "./load.ts";
import { FarEnd } from "./processes.ts";
import { Program } from "./program.ts";

/** What a real receiver takes (95 % answer within it). */
const ANSWER_MS = 250;
const RATES = [500, 1_000];
const SECONDS = 30;
/** How long an endpoint that nothing is known of has to earn its share. */
const WARM_UP_SECONDS = 5;
const FIRST = 447_700_000_000;

/**
 * Open loop against one endpoint that takes 250 ms for each answer: from final state to the answer. It is new at the
 * first rate, and used to the first rate at the second.
 */
export async function slow(scale: number): Promise<void> {
  const smsc = await new FarEnd("smsc", []).start();
  const sink = await new FarEnd("sink", ["arrivals", `slow=${ANSWER_MS}`]).start();
  const program = await new Program(smsc.port).start();
  const callback = `http://127.0.0.1:${sink.port}/`;
  let sent = 0;
  for (const rate of RATES) {
    const first = sent;
    await openLoop(program.port, rate, Math.round(rate * SECONDS * scale), () => {
      const index = sent++;
      const from = { type: "custom", value: "Bench" };
      const message = { from, to: String(FIRST + index), body: `Code ${index}`, callback };
      return post(`/message?key=${program.key}`, JSON.stringify({ messages: [message] }));
    });
    await sink.arrived(sent);
    const finals = await program.query<{ destination: string; at: string }>(
      `SELECT destination, extract(epoch FROM final_at) * 1000 AS at FROM message
       WHERE destination >= $1 ORDER BY final_at`,
      [FIRST + first],
    );
    const arrivals = await sink.times("arrivals");
    const ways = finals.map(({ destination, at }) => arrivals.get(destination)! - Number(at) + ANSWER_MS);
    const warm = rate * WARM_UP_SECONDS;
    for (const [name, values] of [
      [`the first ${WARM_UP_SECONDS} s`, ways.slice(0, warm)],
      ["then", ways.slice(warm)],
    ] as const) {
      const [p50, p99, worst] = [0.5, 0.99, 1].map((share) => percentile(values, share).toFixed(0));
      say(`  ${rate} a second, ${name}: p50 ${p50}, p99 ${p99}, worst ${worst} ms`);
    }
  }
  await program.stop();
  program.remove();
  smsc.stop();
  sink.stop();
}
