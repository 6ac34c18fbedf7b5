/** Times are rounded up to this, so that many retries cause few looks. */
export const TICK_MS = 100;
/** Of what is due later than this nothing is remembered: half a second more or less is nothing to it. */
const REMEMBER_MS = 20_000;

/**
 * When retries fall due, as far as it is soon. A regular look at the table twice a second would make the first wait,
 * which is 5 to 6 s, up to 6.5 s.
 */
export class Due {
  readonly #ticks = new Set<number>();

  /** @param at epoch milliseconds */
  add(at: number, now: number): void {
    if (at - now <= REMEMBER_MS) this.#ticks.add(Math.ceil(at / TICK_MS));
  }

  /** Milliseconds until the next of them, `most` at most. What is due by `now` is forgotten. */
  wait(now: number, most: number): number {
    let wait = most;
    for (const tick of this.#ticks) {
      const left = tick * TICK_MS - now;
      if (left <= 0) this.#ticks.delete(tick);
      else wait = Math.min(wait, left);
    }
    return wait;
  }
}
