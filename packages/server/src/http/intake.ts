import { Rejected } from "../runtime/errors.ts";
import { Gate, RETRY_AFTER_S } from "./gate.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * A larger body is a large one, of which one of an account is taken in at a time. A thousand messages of 160 characters, the
 * most of a POST /message, have 240,000 octets.
 */
export const LARGE = 256 * KIB;
/** Octets of bodies that are not large; one account may have a quarter of them. */
const SMALL_BODIES = 16 * MIB;
/** Large bodies at one time: the octets of two of the largest, so that one account leaves room for others. */
const LARGEST_BODIES = 2;
/** How long a body waits for its turn, unread, in ms. */
const BODY_WAIT_MS = 5_000;

/** Work beyond this is large: 8,000 destinations, or 100 to 1,000 messages with the longest texts. */
const LARGE_WORK = 4 * MIB;
/** Octets of memory for small and for large work, of the 512 MiB that the heap may have: two batches of 100,000. */
const MOST_SMALL_WORK = 64 * MIB;
const MOST_LARGE_WORK = 128 * MIB;
/** A body that was read waits longer, in ms: the whole of a turn of others. */
const WORK_WAIT_MS = 20_000;

/**
 * Most octets of answers that one caller may leave unread, beside those of requests under way: three of the largest answers.
 * Beyond it, the caller's requests are refused.
 */
const MOST_UNREAD = 16 * MIB;
/** Smaller answers do not count: a connection has one at a time. */
export const LARGE_ANSWER = 16 * KIB;

/**
 * The work that an accepting process takes in at one time, by weight: octets of bodies while they are read and answered, and
 * the memory of their rows until they are stored. Large ones have room of their own, so that small ones do not wait for them.
 */
export class Intake {
  readonly #small = new Gate({ most: SMALL_BODIES, mostOfOne: SMALL_BODIES / 4, waitMs: BODY_WAIT_MS });
  readonly #large: Gate;
  readonly #smallWork = new Gate({ most: MOST_SMALL_WORK, mostOfOne: MOST_SMALL_WORK / 2, waitMs: WORK_WAIT_MS });
  readonly #largeWork = new Gate({ most: MOST_LARGE_WORK, mostOfOne: MOST_LARGE_WORK / 2, waitMs: WORK_WAIT_MS });

  readonly #unread = new Map<number, number>();

  /** @param bodyLimit octets of the largest body */
  constructor(bodyLimit: number) {
    this.#large = new Gate({ most: LARGEST_BODIES * bodyLimit, mostOfOne: 0, waitMs: BODY_WAIT_MS });
  }

  /** Octets of bodies being read or handled. */
  get inside(): number {
    return this.#small.inside + this.#large.inside;
  }

  /**
   * Undefined if a body of this many octets may be read at once; else resolves when it may. It leaves by `leaveBody`.
   * @param account any number that stands for the caller
   * @throws Rejected `overloaded`
   */
  enterBody(account: number, octets: number): Promise<void> | undefined {
    return this.#bodies(octets).enter(account, octets);
  }

  leaveBody(account: number, octets: number): void {
    this.#bodies(octets).leave(account, octets);
  }

  /** As `enterBody`, for the memory that a body's content takes until it is stored. */
  enterWork(account: number, octets: number): Promise<void> | undefined {
    return this.#work(octets).enter(account, octets);
  }

  leaveWork(account: number, octets: number): void {
    this.#work(octets).leave(account, octets);
  }

  /** @throws Rejected `overloaded` if too many of the caller's answers wait to be read */
  mustHaveRead(account: number): void {
    if (this.#unread.size === 0 || (this.#unread.get(account) ?? 0) <= MOST_UNREAD) return;
    throw new Rejected("overloaded", "Too many answers are unread. Read them, then ask again.", [], RETRY_AFTER_S);
  }

  /** Counts an answer that waits to be read. Call the returned function at its end, once or more often. */
  answerWaits(account: number, octets: number): () => void {
    this.#unread.set(account, (this.#unread.get(account) ?? 0) + octets);
    let left = octets;
    return () => {
      const rest = (this.#unread.get(account) ?? 0) - left;
      left = 0;
      if (rest > 0) this.#unread.set(account, rest);
      else this.#unread.delete(account);
    };
  }

  #bodies(octets: number): Gate {
    return octets > LARGE ? this.#large : this.#small;
  }

  #work(octets: number): Gate {
    return octets > LARGE_WORK ? this.#largeWork : this.#smallWork;
  }
}
