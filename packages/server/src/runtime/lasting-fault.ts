import type { Logger } from "./log.ts";

export interface LastingFaultOptions {
  log: Logger;
  /** The fault in the log's words: "the store is out of reach". */
  what: string;
  /** Level of the lines while it lasts; its end is "info". Default "warn". */
  level?: "warn" | "error";
  /**
   * Default true: it is over once it has not happened for a minute. False: it lasts until `over` is called, however rarely
   * it happens. A function: asked after each such minute.
   */
  endsWhenQuiet?: boolean | (() => boolean);
}

const MINUTE_MS = 60_000;

/**
 * A fault that may last, logged in a few lines however often it happens: one when it begins, one a minute with a count, and
 * one when it is over. A fault that does not happen again within the minute is its first line only.
 */
export class LastingFault {
  readonly #options: LastingFaultOptions;
  #timer: NodeJS.Timeout | undefined;
  /** Epoch milliseconds. */
  #beganAt = 0;
  /** How often it has happened since it began, and since the last line. */
  #times = 0;
  #untold = 0;
  #latest: object = {};

  constructor(options: LastingFaultOptions) {
    this.#options = options;
  }

  get what(): string {
    return this.#options.what;
  }

  /** It has begun and is not known to be over. */
  get lasts(): boolean {
    return this.#timer !== undefined;
  }

  /** Records that it happened. @param details fields of the log line; a minute's line has the latest ones */
  happened(details: object = {}): void {
    this.#times++;
    this.#latest = details;
    if (this.lasts) {
      this.#untold++;
      return;
    }
    this.#beganAt = Date.now();
    this.#tell("", {});
    this.#timer = setInterval(() => this.#minute(), MINUTE_MS).unref();
  }

  /** Ends it; logged if it had begun. */
  over(): void {
    if (!this.lasts) return;
    const { log, what } = this.#options;
    log.info({ times: this.#times, seconds: Math.round((Date.now() - this.#beganAt) / 1_000) }, `over: ${what}`);
    this.stop();
  }

  /** Ends its logging, as when the program ends. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#times = 0;
    this.#untold = 0;
    this.#latest = {};
  }

  #minute(): void {
    const { endsWhenQuiet = true } = this.#options;
    if (this.#untold > 0 || endsWhenQuiet === false) {
      this.#tell(", still", { times: this.#untold });
      this.#untold = 0;
      return;
    }
    if (typeof endsWhenQuiet === "function" && !endsWhenQuiet()) return;
    if (this.#times > 1) this.over();
    else this.stop();
  }

  #tell(suffix: string, count: object): void {
    const { log, what, level = "warn" } = this.#options;
    log[level]({ ...this.#latest, ...count }, `${what}${suffix}`);
  }
}
