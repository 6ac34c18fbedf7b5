import type { Clock } from "../transport/clock.ts";

export interface KeepAliveOptions {
  clock: Clock;
  /** Silence after which the peer gets an enquire_link, in ms. 0: never. */
  enquireLinkMs: number;
  /** How long it may stay silent after that, in ms. */
  responseTimeoutMs: number;
  /** Silence after which it is dead, however often it was asked, in ms; 0: after the first enquire_link without an answer. */
  idleMs: number;
  enquire(): void;
  dead(): void;
}

/**
 * Detects a link of which only our half is left. A peer that was silent for a while gets an enquire_link (SMPP 3.4 §4.11);
 * if it stays silent, it is dead. Any PDU is a sign of life. A peer that does not answer a request is asked at once.
 */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  #heardAt: number;
  #askedAt: number | undefined;
  #inDoubt = false;
  #timer: unknown;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    this.#heardAt = options.clock.now();
    if (options.enquireLinkMs > 0) this.#arm(options.enquireLinkMs);
  }

  heard(): void {
    this.#heardAt = this.#options.clock.now();
    this.#askedAt = undefined;
    this.#inDoubt = false;
  }

  /** A request was not answered in time, and nothing was heard since: send nothing more until something is. */
  get inDoubt(): boolean {
    return this.#inDoubt;
  }

  /** A request sent at `sentAt` was not answered in time. Returns whether that leaves the peer in doubt. */
  doubt(sentAt: number): boolean {
    const { clock, enquireLinkMs, responseTimeoutMs, enquire } = this.#options;
    if (enquireLinkMs === 0 || this.#heardAt > sentAt) return false;
    this.#inDoubt = true;
    if (this.#askedAt === undefined) {
      clock.clearTimeout(this.#timer);
      this.#askedAt = clock.now();
      this.#arm(responseTimeoutMs);
      enquire();
    }
    return true;
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
  }

  #arm(ms: number): void {
    this.#timer = this.#options.clock.setTimeout(() => this.#tick(), Math.ceil(ms));
  }

  #tick(): void {
    const { clock, enquireLinkMs, responseTimeoutMs, idleMs, enquire, dead } = this.#options;
    const now = clock.now();
    if (this.#askedAt !== undefined && idleMs === 0) {
      const left = this.#askedAt + responseTimeoutMs - now;
      if (left > 0) this.#arm(left);
      else dead();
      return;
    }
    const idleLeft = idleMs - (now - this.#heardAt);
    if (idleMs > 0 && idleLeft <= 0) {
      dead();
      return;
    }
    if (this.#askedAt !== undefined) {
      this.#askedAt = now;
      this.#arm(Math.min(enquireLinkMs, idleLeft));
      enquire();
      return;
    }
    const left = this.#heardAt + enquireLinkMs - now;
    if (left > 0) {
      this.#arm(left);
      return;
    }
    this.#askedAt = now;
    this.#arm(idleMs > 0 ? Math.min(enquireLinkMs, idleLeft) : Math.min(enquireLinkMs, responseTimeoutMs));
    enquire();
  }
}
