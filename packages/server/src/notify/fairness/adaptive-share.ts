/** The part of the latest tries that may fail; beyond it the share is halved. */
const TOLERATED = 1 / 4;
/** The number of latest tries that count is the share, but at least this. */
const SMALLEST_WINDOW = 8;
/** The part by which the bound is raised, by at least one slot, while the receiver does not serve all connections. */
const RAISE = 1 / 4;
/** From one raise to the next, in times that a try took to show too many connections: by then the last one shows its effect. */
const ROUNDS_PER_RAISE = 2;
/** The part by which the share grows, by at least one slot, with every round of successes after it was halved. */
const GROWTH = 1 / 16;

/**
 * The number of requests that an endpoint may have under way, learnt from their ends: it doubles with every round of successes
 * until more than a quarter fails, is then halved, and grows slowly from there. Requests under way at that moment say nothing
 * new.
 *
 * A receiver that fails beyond N at a time thus gets about N, with few failures; one that fails now and then, whatever its load,
 * keeps all. One that serves K connections at a time and leaves the others waiting gets K, and one or a few more at times.
 * (Simulated in after-outage.test.ts, 2,000 webhooks due together, 250 ms a try, failed or not: at N = 10, 20 % of the tries
 * fail, and 99 % of the webhooks are through in 2.3 minutes; with one slot more for a success and an eighth less for each failure
 * it was 42 % and 12 minutes. At N = 100, 20 % and 16 s instead of 37 % and 94 s.)
 */
export class AdaptiveShare {
  readonly #first: number;
  readonly #most: number;
  #share: number;
  /** The largest share since the beginning. */
  #peak: number;
  /** The share after the last halving. */
  #slowFrom = Number.POSITIVE_INFINITY;
  /** The share does not grow beyond, because there the receiver left connections unserved; raised from time to time. */
  #bound = Number.POSITIVE_INFINITY;
  #raiseAt = 0;
  #raiseMs = 0;
  #ended = 0;
  #failed = 0;
  /** Requests that were under way at the halving, and have not ended yet. */
  #stale = 0;

  constructor(first: number, most: number) {
    this.#first = first;
    this.#most = most;
    this.#share = this.#peak = Math.min(most, first);
  }

  /** Most requests under way. */
  get slots(): number {
    return Math.floor(this.#share);
  }

  /** @param used whether enough of the share was in use: success without load shows nothing */
  succeeded(used: boolean, now: number): void {
    if (used) {
      if (this.#share >= this.#bound && now >= this.#raiseAt) {
        this.#bound += Math.max(1, Math.floor(this.#bound * RAISE));
        this.#raiseAt = now + this.#raiseMs;
      }
      const step = this.#share < this.#slowFrom ? 1 : Math.max(1 / this.slots, GROWTH);
      this.#share = Math.min(this.#most, this.#bound, this.#share + step);
      this.#peak = Math.max(this.#peak, this.#share);
    }
    this.#count(0);
  }

  /** An answer that refuses its webhook says nothing of the receiver's capacity. */
  refused(): void {
    this.#count(0);
  }

  /** @param underWay requests that have not ended yet, without this one */
  failed(underWay: number): void {
    this.#count(1);
    if (this.#failed <= Math.max(this.#share, SMALLEST_WINDOW) * TOLERATED) return;
    this.#share = Math.max(1, this.#share / 2);
    this.#slowFrom = this.#share;
    this.#stale = underWay;
    this.#ended = this.#failed = 0;
  }

  /**
   * A connection waited while others were served: it takes its slot with it.
   * @param others requests that were under way beside it
   * @param afterMs how long it has waited
   */
  unserved(others: number, now: number, afterMs: number): void {
    this.#bound = this.#share = Math.max(1, Math.min(this.slots - 1, others));
    this.#slowFrom = Math.min(this.#slowFrom, this.#share);
    this.#raiseMs = afterMs * ROUNDS_PER_RAISE;
    this.#raiseAt = now + this.#raiseMs;
  }

  /** Begins anew with this many slots, and remembers the share that was too large. */
  restart(slots: number): void {
    this.#slowFrom = this.#peak > this.#first ? this.#peak / 2 : Number.POSITIVE_INFINITY;
    this.#share = this.#peak = Math.min(this.#most, slots);
    this.#ended = this.#failed = this.#stale = 0;
  }

  #count(failed: 0 | 1): void {
    if (this.#stale > 0) {
      this.#stale--;
      return;
    }
    if (this.#ended >= Math.max(this.#share, SMALLEST_WINDOW)) this.#ended = this.#failed = 0;
    this.#ended++;
    this.#failed += failed;
  }
}
