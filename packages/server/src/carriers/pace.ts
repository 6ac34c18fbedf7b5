import type { Clock } from "../runtime/clock.ts";

export interface PaceOptions {
  /** Most submits under way. */
  window: number;
  /** Most submits a second; 0: no limit. */
  throughput: number;
  clock: Clock;
  /** The pause is over, or the next token has come. */
  onFree(): void;
}

/**
 * First pauses are under 2 s, then they grow; a full queue needs longer than an exceeded rate. `silent`: a whole window
 * without an answer, which has already cost the answers' time.
 */
const PAUSES_MS = {
  throttled: [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000],
  queue_full: [1_000, 1_900, 5_000, 15_000, 30_000],
  silent: [250, 1_000, 5_000, 15_000, 30_000],
} as const;

/**
 * The burst after a quiet time, in seconds of `throughput`. Carriers count by the second, and a bucket of a whole second
 * let twice as many into the first one. A tenth tolerates a late timer.
 */
const BURST_SECONDS = 0.1;

/**
 * The rate at which a carrier gets messages: a token bucket, and a window that is halved when the carrier asks to slow down
 * or stays silent, and grows again by one with each answer.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #capacity: number;
  #window: number;
  #tokens: number;
  #filledAt: number;
  /** Ended by its timer and not by the clock, which somebody may set back. */
  #pausing = false;
  #pauses = 0;
  #underWay = 0;
  /** Submits in a row without an answer. */
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

  /** Submits that may start now. If only a token is missing, `onFree` is called when it comes. */
  get free(): number {
    if (this.#pausing) return 0;
    const room = Math.max(0, this.#window - this.#underWay);
    if (this.#options.throughput === 0 || room === 0) return room;
    this.#fill();
    if (this.#tokens < 1) this.#wakeIn(((1 - this.#tokens) / this.#options.throughput) * 1_000);
    return Math.min(room, Math.floor(this.#tokens));
  }

  /** Most submits under way. */
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

  /** An answer without a request to slow down. During a pause it reports on the time before it. */
  answered(): void {
    this.#underWay--;
    this.#silence = 0;
    if (this.#pausing) return;
    this.#pauses = 0;
    if (this.#window < this.#options.window) this.#window++;
  }

  /**
   * The carrier asked to slow down. Several such answers in one pause count once.
   * @param atLeastMs the pause that it named, in ms
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

  /** The submit was not sent, or the link broke or is being renewed: that says nothing of the carrier's speed. */
  dropped(): void {
    this.#underWay--;
  }

  /** Ends the calls of `onFree`, also for answers that are still to come. */
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
