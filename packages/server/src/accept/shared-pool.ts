import type { Pool } from "pg";
import { Rejected } from "../runtime/errors.ts";
import { GroupCommit } from "../runtime/group-commit.ts";
import type { Database } from "../store/database.ts";
import { isTransientDatabaseError } from "../store/errors.ts";
import {
  lockSharedNumbers,
  previewSharedNumbers,
  type SharedLock,
  type SharedNumber,
  type SharedPair,
} from "../store/handsets/shared-locks.ts";

/** A message that needs a number of the pool as its sender. */
export interface SharedMessage {
  /** The field that asks for it. */
  path: string;
  /** Digits. */
  handset: string;
  /** Called with the number; again, if another request locked it first. */
  assign(number: string): void;
}

/** Most locks in memory, about 100 bytes each. Locks are for good, so those in memory hold. */
const MOST_KNOWN = 100_000;

/**
 * The platform's own numbers. Each account has one for a handset, which no other account has for it: two unique indexes
 * enforce it, however many programs lock at once. The transaction that stores the message makes the lock, so that a refused
 * request locks nothing.
 */
export class SharedPool {
  #numbers: readonly string[];
  #most: number;
  readonly #commits: GroupCommit<SharedPair, SharedNumber>;
  readonly #known = new Map<string, string>();

  /**
   * @param numbers the pool, in digits
   * @param most numbers that one organization's accounts may have for a handset
   */
  constructor(database: Pool, numbers: readonly string[], most: number) {
    this.#numbers = numbers;
    this.#most = most;
    this.#commits = new GroupCommit<SharedPair, SharedNumber>({
      maxWeight: 1_000,
      maxInFlight: 1,
      isCommonFault: isTransientDatabaseError,
      flush: (pairs) => previewSharedNumbers(database, pairs, this.#numbers, this.#most),
    });
  }

  /**
   * Gives each message its account's number for the handset, or a free one.
   * @returns the locks to make with the messages
   * @throws Rejected `no-shared-number` if none is left for one of them
   */
  async assign(accountId: number, messages: readonly SharedMessage[]): Promise<SharedLock[]> {
    const handsets = [...new Set(messages.map(({ handset }) => handset))];
    const found = new Map(
      await Promise.all(handsets.map(async (handset) => [handset, await this.#find({ accountId, handset })] as const)),
    );
    const without = messages.filter(({ handset }) => numberOf(found.get(handset)) === null);
    if (without.length > 0) throw noNumber(without, found);
    for (const { handset, assign } of messages) assign(numberOf(found.get(handset)) as string);
    return [...found].flatMap(([handset, { free, stale }]) => {
      return free === null ? [] : [{ accountId, handset, number: free, stale }];
    });
  }

  /** Goes on with other numbers, or another bound; what is remembered may name a number that is gone. */
  retune(numbers: readonly string[], most: number): void {
    this.#numbers = numbers;
    this.#most = most;
    this.#known.clear();
  }

  /** Makes the locks of requests that are being stored; returns for each whether it succeeded. As `lockSharedNumbers`. */
  lock(db: Database, locks: readonly SharedLock[]): Promise<boolean[]> {
    return lockSharedNumbers(db, locks, this.#numbers, this.#most);
  }

  /** Remembers committed locks. */
  keep(locks: readonly SharedLock[]): void {
    if (this.#known.size + locks.length > MOST_KNOWN) this.#known.clear();
    for (const lock of locks) this.#known.set(nameOf(lock), lock.number);
  }

  async #find(pair: SharedPair): Promise<SharedNumber> {
    const known = this.#known.get(nameOf(pair));
    if (known !== undefined) return { ...NONE, number: known };
    if (this.#numbers.length === 0) return NONE;
    const found = await this.#commits.add(pair);
    if (found.number !== null) this.keep([{ ...pair, number: found.number, stale: null }]);
    return found;
  }
}

const NONE: SharedNumber = { number: null, free: null, full: false, stale: null };

function numberOf(found: SharedNumber | undefined): string | null {
  return found?.number ?? found?.free ?? null;
}

function noNumber(messages: readonly SharedMessage[], found: ReadonlyMap<string, SharedNumber>): Rejected {
  const faults = messages.slice(0, 100).map(({ path, handset }) => {
    const message = found.get(handset)?.full
      ? "the organization has as many numbers of the shared pool for this handset as it may"
      : "no number of the shared pool is left for this handset";
    return { path, message };
  });
  return new Rejected("no-shared-number", "No number of the shared pool is left for a handset.", faults);
}

function nameOf({ accountId, handset }: SharedPair): string {
  return `${accountId} ${handset}`;
}
