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

/**
 * First pauses of under 2 s, then they grow; a full queue wants longer than a rate that was exceeded. `silent`: a whole
 * window without an answer, which has cost the answers' time already.
 */
const PAUSES_MS = {
  throttled: [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000],
  queue_full: [1_000, 1_900, 5_000, 15_000, 30_000],
  silent: [250, 1_000, 5_000, 15_000, 30_000],
} as const;

/**
 * What may be sent at once after a while without, in seconds of `throughput`: carriers count by the second, and a bucket
 * of a whole second's worth let twice as many into the first one. A tenth bears a timer that comes late.
 */
const BURST_SECONDS = 0.1;

/**
 * How fast a carrier may be given messages: a token bucket, and a window that is halved when the carrier asks to slow
 * down, or says nothing at all, and grows again by one with each answer.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #capacity: number;
  #window: number;
  #tokens: number;
  #filledAt: number;
  /** Ended by its timer and not by the clock, which may be set back. */
  #pausing = false;
  #pauses = 0;
  #underWay = 0;
  /** Submits in a row that had no answer. */
  #silence = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#window = options.window;
    this.#capacity = Math.max(1, options.throughput * BURST_SECONDS);
    this.#tokens = this.#capacity;
    this.#filledAt = options.clock.now();
  }

  /** Submits that may start now. Where a token is all that is missing, `onFree` is called when it is there. */
  get free(): number {
    if (this.#pausing) return 0;
    const room = Math.max(0, this.#window - this.#underWay);
    if (this.#options.throughput === 0 || room === 0) return room;
    this.#fill();
    if (this.#tokens < 1) this.#wakeIn(((1 - this.#tokens) / this.#options.throughput) * 1_000);
    return Math.min(room, Math.floor(this.#tokens));
  }

  /** Submits that may be under way. */
  get window(): number {
    return this.#window;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** The carrier asked to slow down, and has not yet shown that it takes a full window again. */
  get slowed(): boolean {
    return this.#pausing || this.#window < this.#options.window;
  }

  /** Call it only while `free` is more than 0, and one of the four below when it is over. */
  started(): void {
    this.#underWay++;
    if (this.#options.throughput > 0) this.#tokens--;
  }

  /** An answer that asked for no slowing down. One that comes amid a pause tells of the time before it. */
  answered(): void {
    this.#underWay--;
    this.#silence = 0;
    if (this.#pausing) return;
    this.#pauses = 0;
    if (this.#window < this.#options.window) this.#window++;
  }

  /**
   * The carrier asked to slow down. Answers that come in one pause ask once.
   * @param atLeastMs how long a pause it named itself
   */
  slowDown(reason: "throttled" | "queue_full", atLeastMs = 0): void {
    this.#underWay--;
    this.#silence = 0;
    this.#pause(reason, atLeastMs);
  }

  /** No answer came, though the link stands. A window of these in a row asks to slow down. */
  unanswered(): void {
    this.#underWay--;
    if (++this.#silence < this.#window) return;
    this.#silence = 0;
    this.#pause("silent");
  }

  /** It was not sent, or the link broke or is to be made anew: that tells nothing of the carrier's speed. */
  dropped(): void {
    this.#underWay--;
  }

  /** Calls `onFree` no more, whatever answers are still to come. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #pause(reason: keyof typeof PAUSES_MS, atLeastMs = 0): void {
    if (this.#pausing) return;
    const pauses = PAUSES_MS[reason];
    this.#pausing = true;
    this.#window = Math.max(1, this.#window >> 1);
    this.#wakeIn(Math.max(atLeastMs, pauses[Math.min(this.#pauses++, pauses.length - 1)] as number));
  }

  #fill(): void {
    const now = this.#options.clock.now();
    const elapsed = Math.max(0, now - this.#filledAt);
    this.#tokens = Math.min(this.#capacity, this.#tokens + (elapsed / 1_000) * this.#options.throughput);
    this.#filledAt = now;
  }

  #wakeIn(ms: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    // A timer may come a millisecond early.
    this.#timer = setTimeout(() => this.#wake(), Math.ceil(ms) + 1);
  }

  #wake(): void {
    this.#pausing = false;
    this.#options.onFree();
  }
}
