import type { Pool } from "pg";
import { accountsWithOptOuts, findOptOuts } from "../store/handsets/opt-outs.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";

/**
 * Handsets that have opted out. Which accounts they have opted out of is held in memory, so that the others' messages
 * cost a look into a set; those of these accounts are looked up, a query for all that come together.
 */
export class OptOuts {
  readonly #pool: Pool;
  #accounts: ReadonlySet<number> = new Set();
  /** Since the last refresh began. */
  #added = new Set<number>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Whether any handset has opted out of this account. */
  mayConcern(accountId: number): boolean {
    return this.#accounts.has(accountId);
  }

  /** Those of these messages that are not to be sent. */
  async among(messages: readonly WaitingMessage[]): Promise<ReadonlySet<WaitingMessage>> {
    const pairs = messages.map(({ accountId, destination }) => ({ accountId, handset: destination }));
    const places = await findOptOuts(this.#pool, pairs);
    return new Set(messages.filter((_, index) => places.has(index)));
  }

  /** Handsets have opted out of these accounts in this process. */
  add(accountIds: Iterable<number>): void {
    this.#added = new Set([...this.#added, ...accountIds]);
    this.#accounts = new Set([...this.#accounts, ...this.#added]);
  }

  /** Reads anew which accounts are concerned: another program has heard a handset, or the message of it was lost. */
  async refresh(): Promise<void> {
    this.#added = new Set();
    const accounts = await accountsWithOptOuts(this.#pool);
    this.#accounts = new Set([...accounts, ...this.#added]);
  }
}
