import { MAX_RETRY_AFTER_MS } from "../schedule.ts";

/** How long taken webhooks count, in ms. */
const REMEMBER_MS = 60_000;
/** The lowest rate after a pause, in webhooks a second. */
const LEAST_RATE = 1;
/** In constant use, the rate doubles in this time, in ms, is 16 times as high after twice as long, and so on. */
const DOUBLE_MS = 30_000;
/** How much of a late timer's delay may be made up for, in ms. */
const CREDIT_MS = 20;
/** The part by which the time between two starts is shorter or longer at random. */
const JITTER = 0.2;
/** The part by which a pause is lengthened at random. */
const PAUSE_JITTER = 0.1;

/**
 * The rate for a receiver that asks for pauses (Retry-After: RFC 9110 §10.2.3, RFC 6585 §4). After a pause it begins at the rate
 * at which webhooks were taken until then, with the pause counted, so that a limit of N in a period is met whichever part of the
 * period the pause was. From there it grows slowly at first, and faster the longer no further pause is asked for. A receiver that
 * has asked for none is not held back.
 */
export class Pace {
  #taken = 0;
  #since = 0;
  /** Webhooks a millisecond after the last pause; 0 before the first. */
  #from = 0;
  /** How long the rate has been in use since then, in milliseconds. */
  #used = 0;
  #startedAt = 0;
  /** Nothing may be started before; epoch milliseconds. */
  nextAt = 0;
  /** The end of the pause that the receiver asked for. */
  pausedUntil = 0;

  /** Webhooks a millisecond; infinite if no pause was asked for. */
  get rate(): number {
    return this.#from === 0 ? Number.POSITIVE_INFINITY : this.#from * 2 ** ((this.#used / DOUBLE_MS) ** 2);
  }

  /** The receiver has taken a webhook. */
  took(now: number): void {
    this.#forget(now);
    this.#taken++;
  }

  started(now: number, random: number): void {
    if (this.#from === 0) return;
    const gap = (1 - JITTER + 2 * JITTER * random) / this.rate;
    this.#used += Math.min(Math.max(0, now - this.#startedAt), 2 * gap);
    this.#startedAt = now;
    this.nextAt = Math.max(this.nextAt, now - CREDIT_MS) + gap;
  }

  /** The receiver asks for a pause. @returns whether that is new: it was not paused already */
  pause(now: number, ms: number, random: number): boolean {
    const isNew = now >= this.pausedUntil;
    this.#forget(now);
    const pause = Math.min(ms * (1 + PAUSE_JITTER * random), MAX_RETRY_AFTER_MS);
    const until = Math.max(this.pausedUntil, now + pause);
    if (isNew) {
      this.#from = Math.max(LEAST_RATE / 1_000, this.#taken / Math.max(1, until - this.#since));
      this.#taken = 0;
      this.#used = 0;
    }
    this.pausedUntil = this.nextAt = this.#since = this.#startedAt = until;
    return isNew;
  }

  #forget(now: number): void {
    const span = now - this.#since;
    if (span < REMEMBER_MS) return;
    const isLately = span < 2 * REMEMBER_MS;
    this.#taken = isLately ? this.#taken / 2 : 0;
    this.#since = isLately ? now - span / 2 : now;
  }
}
