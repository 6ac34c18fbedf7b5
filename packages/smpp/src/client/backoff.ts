/** Waits before another try, in ms: one for each failure in a row, the last for all that follow. */
export interface Backoff {
  /** No connection, or a connection lost. Each wait is shortened by up to a fifth at random. */
  failedMs: readonly number[];
  /** The peer refused the bind. These waits are exact, so that a password corrected at the carrier is found soon. */
  refusedMs: readonly number[];
}

export const defaultBackoff: Backoff = {
  failedMs: [100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000],
  refusedMs: [1_000, 5_000, 30_000, 60_000],
};

/** A bind that held this long was a success: after its loss the waits begin anew. */
const steadyMs = 10_000;

/** The end of one attempt to be bound. */
export type Ending =
  /** No connection, or no answer to the bind. */
  | { readonly kind: "failed"; readonly reason: Error }
  | { readonly kind: "refused"; readonly command_status: number }
  | { readonly kind: "lost"; readonly reason: Error; readonly boundMs: number };

/** Counts failed attempts and gives the wait after each. */
export class Waits {
  readonly #backoff: Backoff;
  readonly #random: () => number;
  #failed = 0;
  #refused = 0;

  constructor(backoff: Backoff, random: () => number) {
    this.#backoff = backoff;
    this.#random = random;
  }

  after(ending: Ending): number {
    const { failedMs, refusedMs } = this.#backoff;
    if (ending.kind === "refused") {
      this.#failed = 0;
      return nth(refusedMs, this.#refused++);
    }
    if (ending.kind === "lost") {
      this.#refused = 0;
      if (ending.boundMs >= steadyMs) this.#failed = 0;
    }
    return Math.round(nth(failedMs, this.#failed++) * (1 - this.#random() / 5));
  }
}

function nth(waits: readonly number[], index: number): number {
  return waits[Math.min(index, waits.length - 1)] ?? 0;
}
