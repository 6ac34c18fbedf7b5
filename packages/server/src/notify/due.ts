/** Times are rounded up to this, so that many retries cause few looks. */
export const TICK_MS = 100;
/** Retries due later than this are not remembered: half a second does not matter to them. */
const REMEMBER_MS = 20_000;

/**
 * The times of retries that are due soon. A regular look at the table twice a second would stretch the first wait, which is 5
 * to 6 s, up to 6.5 s.
 */
export class Due {
  readonly #ticks = new Set<number>();

  /** @param at epoch milliseconds */
  add(at: number, now: number): void {
    if (at - now <= REMEMBER_MS) this.#ticks.add(Math.ceil(at / TICK_MS));
  }

  /** Milliseconds until the next of them, at most `most`. Drops those that are due by `now`. */
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
