import type { Clock } from "../src/transport/clock.ts";

/** Time that passes when told to. */
export class FakeClock implements Clock {
  #now = 0;
  #timers = new Map<object, { at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    const timer = {};
    this.#timers.set(timer, { at: this.#now + ms, callback });
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as object);
  }

  /** How many timers are set. */
  get waiting(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (next === undefined) break;
      const [timer, { at, callback }] = next;
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, at);
      callback();
    }
    this.#now = end;
  }
}
