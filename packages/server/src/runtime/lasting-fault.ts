import type { Logger } from "./log.ts";

export interface LastingFaultOptions {
  log: Logger;
  /** The fault in the log's words: "the store is out of reach". */
  what: string;
  /** Of the lines that say that it goes on; that it is over is "info". Default "warn". */
  level?: "warn" | "error";
  /**
   * Default true: it is over once it has not happened for a minute. False: it lasts until `over` is called, however
   * rarely it happens. A function: asked after each such minute.
   */
  endsWhenQuiet?: boolean | (() => boolean);
}

const MINUTE_MS = 60_000;

/**
 * A fault that may last, told in a few lines however often it happens: one when it begins, one a minute with a count, and
 * one when it is over. A fault that happened once and not again within the minute is its first line alone.
 */
export class LastingFault {
  readonly #options: LastingFaultOptions;
  #timer: NodeJS.Timeout | undefined;
  /** Epoch milliseconds. */
  #beganAt = 0;
  /** Times that it happened since it began, and since the last line. */
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

  /** It happened, or happened again. @param details fields of the log line; a minute's line has its latest ones */
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

  /** It is over, which is said where it had begun. */
  over(): void {
    if (!this.lasts) return;
    const { log, what } = this.#options;
    log.info({ times: this.#times, seconds: Math.round((Date.now() - this.#beganAt) / 1_000) }, `over: ${what}`);
    this.stop();
  }

  /** Says nothing more of it, as when the program ends. */
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
