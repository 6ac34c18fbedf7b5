import { median, perMessage, say } from "./figures.ts";
import { BATCH, Side } from "./side.ts";

const OPERATOR_KEY = "00112233445566778899aabbccddeeff";
const CREDITS = 1e12;

/** Prices the messages of the one organization that there is, and gives its account enough. */
async function priceMessages({ program }: Side): Promise<void> {
  const call = async (method: string, path: string, key: string, body?: object): Promise<unknown> => {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`http://127.0.0.1:${program.port}${path}?key=${key}`, init);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return response.json();
  };
  const { items } = (await call("GET", "/organization", OPERATOR_KEY)) as { items: { identifier: string }[] };
  const change = { credits: true, balance: { add: CREDITS } };
  await call("PATCH", `/organization/${items[0]!.identifier}`, OPERATOR_KEY, change);
  const key = program.organizationKey;
  const { accounts } = (await call("GET", "/account", key)) as { accounts: { identifier: string }[] };
  await call("PATCH", `/account/${accounts[0]!.identifier}`, key, { topup: CREDITS });
}

/**
 * Messages a second and CPU time with credits on beside credits off: two programs, loaded in turn in short runs, since
 * the speed of a machine changes from minute to minute.
 */
export async function credits(rounds: number, scale: number): Promise<void> {
  const settings = { operatorKey: OPERATOR_KEY };
  const [off, on] = [await new Side().start({ settings }), await new Side().start({ settings })];
  await priceMessages(on);
  for (const [name, size] of [
    ["singles", 10_000],
    ["batches", 50_000],
  ] as const) {
    const count = Math.ceil((size * scale) / BATCH) * BATCH;
    const ratios: { rate: number[]; cpu: number[] } = { rate: [], cpu: [] };
    for (let round = 0; round < rounds * 4; round++) {
      const figures = new Map<Side, { seconds: number; cpu: number; line: string }>();
      for (const side of round % 2 === 0 ? [off, on] : [on, off]) {
        const before = side.program.cpu();
        const begun = performance.now();
        await side[name](count);
        const after = side.program.cpu();
        const sum = (used: Record<string, number>) => Object.values(used).reduce((total, part) => total + part, 0);
        const seconds = (performance.now() - begun) / 1_000;
        figures.set(side, { seconds, cpu: sum(after) - sum(before), line: perMessage(before, after, count) });
      }
      const [free, priced] = [figures.get(off)!, figures.get(on)!];
      ratios.rate.push(free.seconds / priced.seconds);
      ratios.cpu.push(priced.cpu / free.cpu);
      say(`  ${name} off ${Math.round(count / free.seconds)} a second; ${free.line}`);
      say(`  ${name} on  ${Math.round(count / priced.seconds)} a second; ${priced.line}`);
    }
    const list = (values: number[]) => values.map((ratio) => ratio.toFixed(2)).join(", ");
    say(`  ${name} on beside off: ${median(ratios.rate).toFixed(3)} of the rate (${list(ratios.rate)})`);
    say(`  ${name} on beside off: ${median(ratios.cpu).toFixed(3)} of the CPU time (${list(ratios.cpu)})`);
  }
  await off.stop();
  await on.stop();
}
