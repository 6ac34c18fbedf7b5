import { cpus, loadavg } from "node:os";

/** The middle one of several values, or what lies between the middle two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = values.length >> 1;
  return values.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The value below which `share` of the values are. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The rate at which `run` gets through so many messages, a second. */
export async function perSecond(messages: number, run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return Math.round((messages / (performance.now() - start)) * 1_000);
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The machine, and how busy it is with other things: absolute figures mean nothing without it. */
export function machine(): string {
  const [model] = cpus();
  return `${cpus().length} × ${model?.model.trim()}, Node ${process.version}, load average ${loadavg()[0]!.toFixed(2)}`;
}

/** CPU time per message by kind of process, in µs. */
export function perMessage(before: Record<string, number>, after: Record<string, number>, messages: number): string {
  const parts = Object.entries(after).map(
    ([name, used]) => `${name} ${Math.round((used - (before[name] ?? 0)) / messages)}`,
  );
  return `CPU µs a message: ${parts.join(", ")}`;
}

/** What a database has written: WAL in bytes, and transactions that wrote. */
export interface Written {
  bytes: number;
  commits: number;
}

export function writtenPerMessage(before: Written, after: Written, messages: number): string {
  const bytes = Math.round((after.bytes - before.bytes) / messages);
  return `WAL ${bytes} bytes and ${((after.commits - before.commits) / messages).toFixed(3)} commits a message`;
}
