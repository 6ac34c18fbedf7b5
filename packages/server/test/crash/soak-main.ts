/**
 * `npm run soak -- --days 31 --seconds 60 --rate 100`: a month of days whose nights pass at once (Debian's package libfaketime).
 * Prints what each day has left. Ends with 1 where a ledger is off, or a figure grows.
 */
import { parseArgs } from "node:util";
import { grown, soak } from "./soak.ts";

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    days: { type: "string", default: "31" },
    seconds: { type: "string", default: "60" },
    rate: { type: "string", default: "100" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
// The program and its PostgreSQL are ended at "exit", which a signal alone does not cause.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
const print = (line: string) => void process.stdout.write(`${line}\n`);
print(`seed ${values.seed}`);
const { days, faults, exitCode } = await soak({
  seed: Number(values.seed),
  days: Number(values.days),
  dayMs: Number(values.seconds) * 1_000,
  rate: Number(values.rate),
  say: print,
});
for (const { message, what, history } of days.flatMap(({ off }) => off))
  print(`${message} ${what}\n${JSON.stringify(history)}`);
for (const fault of faults) print(`fault: ${fault}`);
const growing = grown(days);
for (const line of growing) print(line);
const fine = exitCode === 0 && faults.length === 0 && growing.length === 0 && days.every(({ off }) => off.length === 0);
print(fine ? "Every ledger balances, and every figure is flat." : "The month did NOT pass well.");
process.exitCode = fine ? 0 : 1;
