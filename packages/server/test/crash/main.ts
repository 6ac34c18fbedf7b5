/**
 * `npm run crash -- --kills 200 --minutes 30 --rate 300 --seed 1 --on-uncertain fail --engines 2 --log FILE`: the long form
 * of the crash run. Ends with 1 where the ledger does not balance, and prints every message that is off with its history.
 */
import { parseArgs } from "node:util";
import { crashRun } from "./run.ts";

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    kills: { type: "string", default: "200" },
    minutes: { type: "string", default: "60" },
    rate: { type: "string", default: "300" },
    engines: { type: "string", default: "1" },
    log: { type: "string" },
    "on-uncertain": { type: "string", default: "resend" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
// The program and its PostgreSQL are ended at "exit", which a signal alone does not cause.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
const print = (line: string) => void process.stdout.write(`${line}\n`);
const startedAt = Date.now();
print(`seed ${values.seed}`);
const report = await crashRun({
  seed: Number(values.seed),
  kills: Number(values.kills),
  forMs: Number(values.minutes) * 60_000,
  rate: Number(values.rate),
  onUncertain: values["on-uncertain"] === "fail" ? "fail" : "resend",
  engines: Number(values.engines),
  logFile: values.log ?? null,
  say: (line) => print(`${((Date.now() - startedAt) / 1_000).toFixed(1)} s  ${line}`),
});
const { balance, faults, apiDiffers, exitCode, kills, overSmpp, submits } = report;
for (const { message, what, history } of balance.off) print(`${message} ${what}\n${JSON.stringify(history, null, 1)}`);
for (const fault of faults) print(`fault: ${fault}`);
for (const differs of apiDiffers) print(`the API differs: ${differs}`);
print(JSON.stringify({ kills, ...balance, overSmpp, submits, off: balance.offInAll, exitCode }, null, 2));
const even = balance.offInAll === 0 && faults.length === 0 && apiDiffers.length === 0 && exitCode === 0;
print(even ? "The ledger balances." : "The ledger does NOT balance.");
process.exitCode = even ? 0 : 1;
