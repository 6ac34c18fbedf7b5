import { causeOf } from "./database-errors.ts";
import { LastingFault } from "./lasting-fault.ts";
import type { Logger } from "./log.ts";

/** A cause that was not met for so long while the store answers is over: what meets it comes again every second or two. */
const QUIET_MS = 5_000;

/**
 * A store that is away is met by everything that uses it, many times a second. What is wrong with it is told once for a
 * whole process, by its cause: when it begins, each minute, and when it is over; without stacks, which tell nothing of it.
 */
export class Outages {
  readonly #log: Logger;
  /** By their causes; `metAt` in epoch milliseconds. */
  readonly #faults = new Map<string, { fault: LastingFault; metAt: number }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Whether `error` tells of a store that is away, which is told then. @param work who met it */
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

  /** The store answers: causes that nobody has met lately are over. */
  answered(): void {
    for (const { fault, metAt } of this.#faults.values()) if (Date.now() - metAt >= QUIET_MS) fault.over();
  }
}

const outages = new WeakMap<Logger, Outages>();

/** Those of the process that writes this log. */
export function outagesOf(log: Logger): Outages {
  const known = outages.get(log) ?? new Outages(log);
  outages.set(log, known);
  return known;
}

/** A failure that is told once here where the store is away, else as it is. */
export function warnOf(log: Logger, error: Error, what: string): void {
  if (!outagesOf(log).tell(error, what)) log.warn({ err: error }, what);
}

/** A host of several addresses is tried at each, and the error as a whole says nothing. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(({ message }: Error) => message).join("; ") : error.message;
}
