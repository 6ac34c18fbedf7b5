import { Rejected } from "../runtime/errors.ts";

export interface GateOptions {
  /** Most weight inside at one time. A heavier request enters when nothing else is inside. */
  most: number;
  /** Most weight of one account. A heavier request enters when nothing else of its account is inside. */
  mostOfOne: number;
  /** A request that has waited this long is refused; milliseconds. */
  waitMs: number;
}

interface WaitingRequest {
  weight: number;
  admit(): void;
}

/** Seconds until a refused request may succeed: about as long as the store takes for a batch of 100,000. */
export const RETRY_AFTER_S = 2;

/**
 * Lets requests in by weight. Those that find no room wait, and accounts take turns: a request that waits for others' room is
 * next, whatever comes after; one that waits for its own account's room holds up nobody else.
 */
export class Gate {
  readonly #options: GateOptions;
  #inside = 0;
  readonly #insideOf = new Map<number, number>();
  /** By account, in the order of their turns. */
  readonly #waiting = new Map<number, WaitingRequest[]>();
  /** Whether a request waits for room that others have. */
  #isFull = false;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** The weight that is inside. */
  get inside(): number {
    return this.#inside;
  }

  /**
   * Undefined if it is inside at once; else resolves when it is. Each request that is let in leaves by `leave`.
   * @param account any number that stands for the caller
   * @throws Rejected `overloaded` after too long a wait
   */
  enter(account: number, weight: number): Promise<void> | undefined {
    if (!this.#isFull && !this.#waiting.has(account) && this.#hasShare(account, weight) && this.#hasRoom(weight)) {
      this.#take(account, weight);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#giveUp(account, waiting);
        reject(new Rejected("overloaded", "Nothing of this request was taken.", [], RETRY_AFTER_S));
      }, this.#options.waitMs);
      const waiting = {
        weight,
        admit: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const line = this.#waiting.get(account);
      if (line === undefined) this.#waiting.set(account, [waiting]);
      else line.push(waiting);
      this.#admit();
    });
  }

  leave(account: number, weight: number): void {
    this.#inside -= weight;
    const left = (this.#insideOf.get(account) ?? 0) - weight;
    if (left > 0) this.#insideOf.set(account, left);
    else this.#insideOf.delete(account);
    if (this.#waiting.size > 0) this.#admit();
  }

  #hasRoom(weight: number): boolean {
    return this.#inside === 0 || this.#inside + weight <= this.#options.most;
  }

  #hasShare(account: number, weight: number): boolean {
    const own = this.#insideOf.get(account) ?? 0;
    return own === 0 || own + weight <= this.#options.mostOfOne;
  }

  #take(account: number, weight: number): void {
    this.#inside += weight;
    this.#insideOf.set(account, (this.#insideOf.get(account) ?? 0) + weight);
  }

  /** Lets in one of each account, again and again, until there is no room. */
  #admit(): void {
    this.#isFull = false;
    // An account that is put back to the end of the map gets another turn.
    for (const [account, line] of this.#waiting) {
      const [next] = line as [WaitingRequest];
      if (!this.#hasShare(account, next.weight)) continue;
      if (!this.#hasRoom(next.weight)) {
        this.#isFull = true;
        return;
      }
      this.#take(account, next.weight);
      line.shift();
      this.#waiting.delete(account);
      if (line.length > 0) this.#waiting.set(account, line);
      next.admit();
    }
  }

  #giveUp(account: number, waiting: WaitingRequest): void {
    const line = this.#waiting.get(account) ?? [];
    const others = line.filter((other) => other !== waiting);
    if (others.length > 0) this.#waiting.set(account, others);
    else this.#waiting.delete(account);
    this.#admit();
  }
}
