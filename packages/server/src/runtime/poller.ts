import { asError } from "./errors.ts";
import { LastingFault } from "./lasting-fault.ts";
import type { Logger } from "./log.ts";
import { outagesOf } from "./outages.ts";
import type { Loop } from "./stuck.ts";

/**
 * Work that repeats: at once when woken, and at the latest after `intervalMs`, one run at a time. A run that returns true
 * has more to do and is followed by the next without a wait. A run that fails waits, and the log has a few lines while it
 * lasts.
 */
export class Poller implements Loop {
  readonly name: string;
  readonly #intervalMs: () => number;
  readonly #work: (signal: AbortSignal) => Promise<boolean>;
  readonly #log: Logger;
  readonly #fault: LastingFault;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #woken = false;
  #stopped = true;
  #stopping = new AbortController();
  /** When the last run ended, or it was started; epoch milliseconds. */
  #returnedAt = 0;
  /** From `#returnedAt` to the next run, in ms. */
  #waitMs: number;

  /**
   * @param intervalMs asked anew after each run where it is a function
   * @param work may take longer where it ends by the signal, which is given when the poller is stopped
   */
  constructor(
    name: string,
    intervalMs: number | (() => number),
    log: Logger,
    work: (signal: AbortSignal) => Promise<boolean>,
  ) {
    this.name = name;
    this.#intervalMs = typeof intervalMs === "number" ? () => intervalMs : intervalMs;
    this.#waitMs = this.#intervalMs();
    this.#log = log;
    this.#fault = new LastingFault({ log, what: `${name} failed and is tried again`, endsWhenQuiet: false });
    this.#work = work;
  }

  /** @param delayMs until the first run, unless it is woken before */
  start(delayMs = 0): void {
    this.#stopped = false;
    this.#stopping = new AbortController();
    this.#returnedAt = Date.now();
    if (delayMs === 0) this.wake();
    else this.#timer = setTimeout(() => this.wake(), delayMs);
  }

  get dueAt(): number | null {
    return this.#stopped ? null : this.#returnedAt + this.#waitMs;
  }

  /** Runs now, or once more right after the run under way. */
  wake(): void {
    if (this.#stopped) return;
    this.#woken = true;
    if (this.#running !== undefined) return;
    clearTimeout(this.#timer);
    this.#running = this.#run();
  }

  /** Ends the runs; resolves when the one under way is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#running;
    this.#fault.stop();
  }

  async #run(): Promise<void> {
    while (this.#woken && !this.#stopped) {
      this.#woken = false;
      try {
        if (await this.#work(this.#stopping.signal)) this.#woken = true;
        this.#fault.over();
      } catch (thrown) {
        const error = asError(thrown);
        if (!outagesOf(this.#log).tell(error, this.name)) this.#fault.happened({ err: error });
      }
      this.#returnedAt = Date.now();
    }
    this.#running = undefined;
    if (this.#stopped) return;
    this.#waitMs = this.#intervalMs();
    this.#timer = setTimeout(() => this.wake(), this.#waitMs);
  }
}
