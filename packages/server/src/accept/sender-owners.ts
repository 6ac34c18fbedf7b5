import type { Pool } from "pg";
import type { Clock } from "../runtime/clock.ts";
import { Rejected } from "../runtime/errors.ts";
import { findSenderOwners, type SenderOwner } from "../store/accounts/senders.ts";

/** How long a sender's owner is trusted, in ms, in case the message about a change is lost. */
const TRUSTED_FOR_MS = 2_000;
const MOST_CACHED = 10_000;
/** Most that a refusal names. */
const MOST_FAULTS = 100;

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

/** A sender that a request names, normalised. */
export interface NamedSender {
  sender: string;
  /** The path of the field that names it. Only called for a fault: most requests have none. */
  field(): string;
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
   * @param senders in the request's order
   * @throws Rejected `sender-not-yours`, with a fault for each field
   */
  check(caller: Caller, senders: readonly NamedSender[]): Promise<void> | undefined {
    const now = this.#options.clock.now();
    for (const { sender } of senders) {
      const known = this.#cache.get(sender);
      if (known === undefined || known.until <= now) return this.#ask(caller, senders, now);
    }
    this.#judge(caller, senders, this.#cache);
    return undefined;
  }

  async #ask(caller: Caller, senders: readonly NamedSender[], now: number): Promise<void> {
    const cache = this.#cache;
    const names = [...new Set(senders.map(({ sender }) => sender))];
    const owners = await findSenderOwners(this.#options.pool, names);
    const until = now + TRUSTED_FOR_MS;
    const found = new Map(names.map((sender) => [sender, { owner: owners.get(sender) ?? null, until }]));
    if (cache.size + found.size > MOST_CACHED) cache.clear();
    for (const [sender, known] of found) cache.set(sender, known);
    this.#judge(caller, senders, found);
  }

  #judge(caller: Caller, senders: readonly NamedSender[], owners: ReadonlyMap<string, Known>): void {
    // By its field: that of defaults is many messages'.
    const faults = new Map<string, string>();
    for (const { sender, field } of senders) {
      const message = this.#faultOf(caller, sender, owners.get(sender)?.owner ?? null);
      if (message !== null) faults.set(field(), message);
      if (faults.size === MOST_FAULTS) break;
    }
    if (faults.size === 0) return;
    throw new Rejected(
      "sender-not-yours",
      "The request names senders that are not this account's.",
      Array.from(faults, ([path, message]) => ({ path, message })),
    );
  }

  #faultOf({ organizationId, accountId }: Caller, sender: string, owner: SenderOwner | null): string | null {
    if (this.#shared.has(sender)) return "is a number of the shared pool, which is not to be named";
    if (owner === null) return this.#options.unregistered === "allow" ? null : "is registered to nobody";
    const own = owner.organizationId === organizationId && (owner.accountId === null || owner.accountId === accountId);
    return own ? null : "is registered to another";
  }
}
