/**
 * Things that each get the same time: one timer for all of them instead of one each, which counts where thousands
 * begin and end every second. As they run out in the order in which they were added, only the oldest is ever looked at.
 */
export class Deadlines<T> {
  readonly #afterMs: number;
  readonly #expired: (item: T) => void;
  /** When each item runs out, on the monotonic clock; oldest first. */
  readonly #pending = new Map<T, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(afterMs: number, expired: (item: T) => void) {
    this.#afterMs = afterMs;
    this.#expired = expired;
  }

  add(item: T, now: number): void {
    this.#pending.set(item, now + this.#afterMs);
    if (this.#timer === undefined) this.#wait(this.#afterMs);
  }

  delete(item: T): void {
    this.#pending.delete(item);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#sweep(), ms);
    this.#timer.unref();
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [item, at] of this.#pending) {
      if (at > now) {
        this.#wait(Math.ceil(at - now));
        return;
      }
      this.#pending.delete(item);
      this.#expired(item);
    }
  }
}
