import type { Pool } from "pg";
import type { Clock } from "../runtime/clock.ts";
import { type FieldFault, Rejected } from "../runtime/errors.ts";
import { findSenderOwners, type SenderOwner } from "../store/accounts/senders.ts";

/** How long a sender's owner is trusted, in ms, in case the message about a change is lost. */
const TRUSTED_FOR_MS = 2_000;
const MOST_CACHED = 10_000;

interface Known {
  /** Null if nobody has registered it. */
  owner: SenderOwner | null;
  /** Epoch milliseconds. */
  until: number;
}

export interface SenderOwnersOptions {
  pool: Pool;
  clock: Clock;
  unregistered: "allow" | "refuse";
  /** The numbers of the platform's pool, which no request may name. */
  shared: readonly string[];
}

/** The account that asks. */
interface Caller {
  organizationId: number;
  accountId: number;
}

/**
 * The owners of sender IDs. A change holds at once in the process that made it, and in the others as soon as they hear of
 * it: within milliseconds, and within `TRUSTED_FOR_MS` if that message is lost. A request under way at that moment may
 * still be judged by the state before.
 */
export class SenderOwners {
  readonly #options: SenderOwnersOptions;
  #shared: ReadonlySet<string>;
  #cache = new Map<string, Known>();

  constructor(options: SenderOwnersOptions) {
    this.#options = options;
    this.#shared = new Set(options.shared);
  }

  retune({ unregistered, shared }: Pick<SenderOwnersOptions, "unregistered" | "shared">): void {
    this.#options.unregistered = unregistered;
    this.#shared = new Set(shared);
  }

  /** Sender IDs were registered or deleted. Answers under way may be older, and are not kept. */
  forget(): void {
    this.#cache = new Map();
  }

  /**
   * Synchronous if all owners are known, as for nearly every request.
   * @param senders normalised, each with the path of its field
   * @throws Rejected `sender-not-yours`, with a fault for each
   */
  check(caller: Caller, senders: ReadonlyMap<string, string>): Promise<void> | undefined {
    const now = this.#options.clock.now();
    for (const sender of senders.keys()) {
      const known = this.#cache.get(sender);
      if (known === undefined || known.until <= now) return this.#ask(caller, senders, now);
    }
    this.#judge(caller, senders, this.#cache);
    return undefined;
  }

  async #ask(caller: Caller, senders: ReadonlyMap<string, string>, now: number): Promise<void> {
    const cache = this.#cache;
    const names = [...senders.keys()];
    const owners = await findSenderOwners(this.#options.pool, names);
    const until = now + TRUSTED_FOR_MS;
    const found = new Map(names.map((sender) => [sender, { owner: owners.get(sender) ?? null, until }]));
    if (cache.size + found.size > MOST_CACHED) cache.clear();
    for (const [sender, known] of found) cache.set(sender, known);
    this.#judge(caller, senders, found);
  }

  #judge(caller: Caller, senders: ReadonlyMap<string, string>, owners: ReadonlyMap<string, Known>): void {
    const faults: FieldFault[] = [];
    for (const [sender, path] of senders) {
      const message = this.#faultOf(caller, sender, owners.get(sender)?.owner ?? null);
      if (message !== null) faults.push({ path, message });
    }
    if (faults.length === 0) return;
    throw new Rejected(
      "sender-not-yours",
      "The request names senders that are not this account's.",
      faults.slice(0, 100),
    );
  }

  #faultOf({ organizationId, accountId }: Caller, sender: string, owner: SenderOwner | null): string | null {
    if (this.#shared.has(sender)) return "is a number of the shared pool, which is not to be named";
    if (owner === null) return this.#options.unregistered === "allow" ? null : "is registered to nobody";
    const own = owner.organizationId === organizationId && (owner.accountId === null || owner.accountId === accountId);
    return own ? null : "is registered to another";
  }
}
