/** Time, as an argument: all waits and measurements here use it. */
export interface Clock {
  /** Milliseconds from any fixed point; must never go back. */
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Waits for `event`, but not longer than `ms`. */
export function atMost(clock: Clock, ms: number, event: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(resolve, ms);
    void event.then(() => {
      clock.clearTimeout(timer);
      resolve();
    });
  });
}
