import type { Pool } from "pg";
import type { Clock } from "../runtime/clock.ts";
import { GroupCommit } from "../runtime/group-commit.ts";
import type { Logger } from "../runtime/log.ts";
import { persistently } from "../store/retry.ts";
import { secretKeys } from "../store/webhooks/webhook-secrets.ts";

/** How long an account's secrets are trusted, in ms, in case the message about a change is lost. */
const TRUSTED_FOR_MS = 10_000;
const MOST_KNOWN = 10_000;
const NONE: readonly Uint8Array[] = [];

interface Known {
  keys: readonly Uint8Array[];
  until: number;
}

/** The keys that sign accounts' webhooks, in memory: one query for many accounts, and not one per webhook. */
export class AccountSecrets {
  readonly #clock: Clock;
  readonly #lookups: GroupCommit<number, readonly Uint8Array[]>;
  #known = new Map<number, Known>();

  /** @param stop aborts the wait for a database that does not answer */
  constructor({ pool, log, clock, stop }: { pool: Pool; log: Logger; clock: Clock; stop: AbortSignal }) {
    this.#clock = clock;
    this.#lookups = new GroupCommit<number, readonly Uint8Array[]>({
      maxWeight: 1_000,
      maxInFlight: 1,
      isCommonFault: () => true,
      flush: (accountIds) =>
        persistently(log, stop, async () => {
          const known = this.#known;
          const keys = await secretKeys(pool, [...new Set(accountIds)]);
          const until = clock.now() + TRUSTED_FOR_MS;
          if (known.size > MOST_KNOWN) known.clear();
          return accountIds.map((accountId) => {
            const own = keys.get(accountId) ?? NONE;
            known.set(accountId, { keys: own, until });
            return own;
          });
        }),
    });
  }

  /** The keys of an account's live secrets, the newest first; synchronous if they are known. */
  of(accountId: number): readonly Uint8Array[] | Promise<readonly Uint8Array[]> {
    const known = this.#known.get(accountId);
    if (known !== undefined && known.until > this.#clock.now()) return known.keys;
    return this.#lookups.add(accountId);
  }

  /** Secrets have changed. Answers under way may be older, and are not kept. */
  forget(): void {
    this.#known = new Map();
  }
}
