import { asError } from "./errors.ts";

interface Entry<Item, Result> {
  item: Item;
  weight: number;
  done(result: Result | Error): void;
}

export interface GroupCommitOptions<Item, Result> {
  /** Handles the items together; resolves with one result (or Error) per item, in their order. */
  flush(items: Item[]): Promise<(Result | Error)[]>;
  /** Most rows of one flush. */
  maxWeight: number;
  /** Most flushes under way. */
  maxInFlight: number;
  /**
   * Least milliseconds from the begin of one flush to that of the next; default 0. For items that nobody waits for: under
   * load the flushes become fewer and larger, and idle nothing waits.
   */
  minIntervalMs?: number;
  /** Rows of an item; default 1. */
  weightOf?(item: Item): number;
  /** True if the error is about the flush as a whole (a lost connection), so that trying items singly is no use. */
  isCommonFault(error: Error): boolean;
}

/**
 * Group commit: items that wait go together. Idle, an item goes out at the end of the current turn of the event loop, with
 * no timer; busy, it waits for a flush to return (and for its time, if there is one). A flush that fails by one bad item is
 * repeated in halves, so that a bad row never fails its neighbours.
 */
export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  #queue: Entry<Item, Result>[] = [];
  #inFlight = 0;
  #scheduled = false;
  #lastFlushAt = Number.NEGATIVE_INFINITY;
  #idle: (() => void)[] = [];
  /** When a flush last began or returned; epoch milliseconds. */
  #movedAt = 0;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  /** Items that wait for a flush. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** When a flush last returned while others are under way; epoch milliseconds. Null without any under way. */
  get busySince(): number | null {
    return this.#inFlight === 0 ? null : this.#movedAt;
  }

  /** Resolves with the item's own result once its flush has returned. */
  add(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.push(item, (result) => (result instanceof Error ? reject(result) : resolve(result)));
    });
  }

  /** The same without a promise: `done` is called with the result or the error, and must not throw. */
  push(item: Item, done: (result: Result | Error) => void): void {
    const weight = this.#options.weightOf?.(item) ?? 1;
    this.#queue.push({ item, weight, done });
    this.#schedule();
  }

  /** Resolves when nothing waits and no flush is under way. */
  async drain(): Promise<void> {
    if (this.#queue.length === 0 && this.#inFlight === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    const { maxInFlight, minIntervalMs = 0 } = this.#options;
    if (this.#scheduled || this.#inFlight >= maxInFlight) return;
    this.#scheduled = true;
    const wait = minIntervalMs === 0 ? 0 : this.#lastFlushAt + minIntervalMs - performance.now();
    if (wait <= 0) setImmediate(this.#start);
    else setTimeout(this.#start, Math.ceil(wait));
  }

  readonly #start = (): void => {
    this.#scheduled = false;
    this.#lastFlushAt = performance.now();
    while (this.#queue.length > 0 && this.#inFlight < this.#options.maxInFlight) void this.#run(this.#take());
  };

  #take(): Entry<Item, Result>[] {
    let weight = 0;
    let count = 0;
    while (count < this.#queue.length) {
      weight += this.#queue[count]!.weight;
      if (count > 0 && weight > this.#options.maxWeight) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  async #run(batch: Entry<Item, Result>[]): Promise<void> {
    this.#inFlight++;
    this.#movedAt = Date.now();
    try {
      await this.#flush(batch);
    } finally {
      this.#inFlight--;
      this.#movedAt = Date.now();
      if (this.#queue.length > 0) this.#schedule();
      else if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  async #flush(batch: Entry<Item, Result>[]): Promise<void> {
    let results: (Result | Error)[];
    try {
      results = await this.#options.flush(batch.map((waiting) => waiting.item));
    } catch (thrown) {
      const error = asError(thrown);
      if (batch.length === 1 || this.#options.isCommonFault(error)) {
        for (const waiting of batch) waiting.done(error);
        return;
      }
      const half = batch.length >> 1;
      await this.#flush(batch.slice(0, half));
      await this.#flush(batch.slice(half));
      return;
    }
    for (const [index, waiting] of batch.entries()) waiting.done(results[index] as Result | Error);
  }
}
