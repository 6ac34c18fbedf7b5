import type { Clock } from "../runtime/clock.ts";

export interface PaceOptions {
  /** Submits under way at most. */
  window: number;
  /** Submits a second at most; 0 for no limit. */
  throughput: number;
  clock: Clock;
  /** The pause is over, or the next token is there. */
  onFree(): void;
}

/** First pauses of under 2 s, then they grow; a full queue wants longer than a rate that was exceeded. */
const PAUSES_MS = {
  throttled: [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000],
  queue_full: [1_000, 1_900, 5_000, 15_000, 30_000],
} as const;

/**
 * How fast a carrier may be given messages: a token bucket of a second's worth, and a window that is halved when the
 * carrier asks to slow down and grows again by one with each answer.
 */
export class Pace {
  readonly #options: PaceOptions;
  #window: number;
  #tokens: number;
  #filledAt: number;
  #pausedUntil = 0;
  #pauses = 0;
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#window = options.window;
    this.#tokens = Math.max(1, options.throughput);
    this.#filledAt = options.clock.now();
  }

  /** Submits that may start now. */
  get free(): number {
    const { throughput, clock } = this.#options;
    const now = clock.now();
    if (now < this.#pausedUntil) return 0;
    const room = this.#window - this.#underWay;
    if (throughput === 0 || room <= 0) return room;
    this.#tokens = Math.min(Math.max(1, throughput), this.#tokens + ((now - this.#filledAt) / 1_000) * throughput);
    this.#filledAt = now;
    if (this.#tokens < 1) this.#wakeIn(((1 - this.#tokens) / throughput) * 1_000);
    return Math.min(room, Math.floor(this.#tokens));
  }

  started(): void {
    this.#underWay++;
    if (this.#options.throughput > 0) this.#tokens--;
  }

  /** An answer that asked for no slowing down. */
  answered(): void {
    this.#underWay--;
    this.#pauses = 0;
    if (this.#window < this.#options.window) this.#window++;
  }

  /** No answer came. */
  lost(): void {
    this.#underWay--;
  }

  /** The carrier asked to slow down. Answers that come in one pause ask once. */
  slowDown(reason: keyof typeof PAUSES_MS): void {
    this.#underWay--;
    const now = this.#options.clock.now();
    if (now < this.#pausedUntil) return;
    const pauses = PAUSES_MS[reason];
    const pause = pauses[Math.min(this.#pauses++, pauses.length - 1)] as number;
    this.#pausedUntil = now + pause;
    this.#window = Math.max(1, this.#window >> 1);
    this.#wakeIn(pause);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#options.onFree(), Math.ceil(ms) + 1);
  }
}
