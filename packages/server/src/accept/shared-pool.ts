import type { Pool } from "pg";
import { Batcher } from "../runtime/batcher.ts";
import { Rejected } from "../runtime/errors.ts";
import { isTransientDatabaseError, isUniqueViolation } from "../store/errors.ts";
import { foreseeSharedNumbers, lockSharedNumbers, type SharedPair } from "../store/handsets/shared-locks.ts";

/** A message that is to come from a number of the pool. */
export interface SharedMessage {
  /** The field that asks for it. */
  path: string;
  /** Digits. */
  handset: string;
  /** Told the number. */
  assign(number: string): void;
}

/** Locks are for good, so those in memory hold; about 100 bytes each. */
const MOST_KNOWN = 100_000;

/**
 * The platform's own numbers. Each account has one for a handset, which no other account has for it: two unique
 * indexes say so, whatever the number of programs that lock at once. A lock is committed before the message that it is
 * for; where the request is refused after all it stays, for the pair's next one.
 */
export class SharedPool {
  readonly #database: Pool;
  readonly #numbers: readonly string[];
  readonly #line: Batcher<SharedPair, string | null>;
  readonly #known = new Map<string, string>();

  /** @param numbers the pool, in digits */
  constructor(database: Pool, numbers: readonly string[]) {
    this.#database = database;
    this.#numbers = numbers;
    this.#line = new Batcher<SharedPair, string | null>({
      maxWeight: 1_000,
      maxInFlight: 1,
      isCommonFault: isTransientDatabaseError,
      flush: (pairs) => this.#flush(pairs),
    });
  }

  /**
   * Gives each message its number; locks it where the account has none for the handset.
   * @throws Rejected `no-shared-number` where there is none left for one of them
   */
  async assign(accountId: number, messages: readonly SharedMessage[]): Promise<void> {
    const numbers = new Map<string, string | null>();
    for (const { handset } of messages) numbers.set(handset, this.#known.get(nameOf({ accountId, handset })) ?? null);
    const open = [...numbers.keys()].filter((handset) => numbers.get(handset) === null);
    // All or nothing: one handset without a number must not cost the others' locks.
    if (open.length > 1) await this.#foresee(accountId, messages, open);
    const locked = await Promise.all(open.map((handset) => this.#line.add({ accountId, handset })));
    open.forEach((handset, index) => {
      numbers.set(handset, locked[index] ?? null);
    });
    settle(messages, numbers);
  }

  /**
   * Gives each message the number that it would have now; locks nothing.
   * @throws Rejected as `assign`
   */
  async foresee(accountId: number, messages: readonly SharedMessage[]): Promise<void> {
    const handsets = [...new Set(messages.map(({ handset }) => handset))];
    settle(messages, await this.#foresee(accountId, messages, handsets));
  }

  async #foresee(accountId: number, messages: readonly SharedMessage[], handsets: readonly string[]) {
    const pairs = handsets.map((handset) => ({ accountId, handset }));
    const found = this.#numbers.length === 0 ? [] : await foreseeSharedNumbers(this.#database, pairs, this.#numbers);
    const numbers = new Map(
      handsets.map((handset, index) => [handset, found[index]?.number ?? found[index]?.free ?? null]),
    );
    refuse(messages.filter(({ handset }) => numbers.get(handset) === null));
    return numbers;
  }

  async #flush(pairs: readonly SharedPair[]): Promise<(string | null)[]> {
    const results = new Map<string, string | null>();
    let open = this.#numbers.length === 0 ? [] : [...new Map(pairs.map((pair) => [nameOf(pair), pair])).values()];
    while (open.length > 0) {
      // A handset once in a statement: what two accounts lock for it at once, they lock one after the other.
      const round = [...new Map(open.map((pair) => [pair.handset, pair])).values()];
      const found = await this.#lock(round);
      found.forEach(({ number, free }, index) => {
        if (number !== null || free === null) results.set(nameOf(round[index]!), number);
      });
      open = open.filter((pair) => !results.has(nameOf(pair)));
    }
    if (this.#known.size + results.size > MOST_KNOWN) this.#known.clear();
    for (const [name, number] of results) if (number !== null) this.#known.set(name, number);
    return pairs.map((pair) => results.get(nameOf(pair)) ?? null);
  }

  async #lock(pairs: readonly SharedPair[]) {
    try {
      return await lockSharedNumbers(this.#database, pairs, this.#numbers);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      return pairs.map(() => ({ number: null, free: "" }));
    }
  }
}

function settle(messages: readonly SharedMessage[], numbers: ReadonlyMap<string, string | null>): void {
  refuse(messages.filter(({ handset }) => (numbers.get(handset) ?? null) === null));
  for (const message of messages) message.assign(numbers.get(message.handset) as string);
}

function refuse(without: readonly SharedMessage[]): void {
  if (without.length === 0) return;
  const faults = without.slice(0, 100).map(({ path }) => {
    return { path, message: "no number of the shared pool is left for this handset" };
  });
  throw new Rejected("no-shared-number", "No number of the shared pool is left for a handset.", faults);
}

function nameOf({ accountId, handset }: SharedPair): string {
  return `${accountId} ${handset}`;
}
