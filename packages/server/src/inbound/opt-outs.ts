import type { Pool } from "pg";
import { accountsWithOptOuts, findOptOuts } from "../store/handsets/opt-outs.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";

/**
 * Handsets that have opted out. The accounts with opt-outs are held in memory, so that a message of any other account costs
 * one look into a set; messages of these accounts are looked up, with one query for all that come together.
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

  /** The messages that must not be sent. */
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

  /** Reads the accounts with opt-outs anew: another program has heard a handset, or its notice was lost. */
  async refresh(): Promise<void> {
    this.#added = new Set();
    const accounts = await accountsWithOptOuts(this.#pool);
    this.#accounts = new Set([...accounts, ...this.#added]);
  }
}
