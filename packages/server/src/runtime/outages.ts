import { causeOf } from "./database-errors.ts";
import { LastingFault } from "./lasting-fault.ts";
import type { Logger } from "./log.ts";

/** How long after its last occurrence a cause is over, in ms, if the store answers: a real one recurs every second or two. */
const QUIET_MS = 5_000;

/**
 * Faults of the store. Everything that uses the store meets them, many times a second; the log has each cause once for the
 * whole process: when it begins, each minute, and when it is over, without stacks, which tell nothing of it.
 */
export class Outages {
  readonly #log: Logger;
  /** By their causes; `metAt` in epoch milliseconds. */
  readonly #faults = new Map<string, { fault: LastingFault; metAt: number }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Whether `error` means that the store is away; if so, it is logged. @param work the caller's work, in words */
  tell(error: Error, work: string): boolean {
    const what = causeOf(error);
    if (what === null) return false;
    let met = this.#faults.get(what);
    if (met === undefined) {
      met = { fault: new LastingFault({ log: this.#log, what, endsWhenQuiet: false }), metAt: 0 };
      this.#faults.set(what, met);
    }
    met.metAt = Date.now();
    met.fault.happened({ work, reason: reasonOf(error) });
    return true;
  }

  /** The store answers: causes that have not occurred lately are over. */
  answered(): void {
    for (const { fault, metAt } of this.#faults.values()) if (Date.now() - metAt >= QUIET_MS) fault.over();
  }
}

const outages = new WeakMap<Logger, Outages>();

/** The outages of the process that writes this log. */
export function outagesOf(log: Logger): Outages {
  const known = outages.get(log) ?? new Outages(log);
  outages.set(log, known);
  return known;
}

/** Logs a failure: with the outages if the store is away, else as it is. */
export function warnOf(log: Logger, error: Error, what: string): void {
  if (!outagesOf(log).tell(error, what)) log.warn({ err: error }, what);
}

/** The first error of several: a host with several addresses is tried at each, and the whole has no message. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(({ message }: Error) => message).join("; ") : error.message;
}
