import { timingSafeEqual } from "node:crypto";
import type { Pool } from "pg";
import type { Config } from "../config/config.ts";
import { type HashedKey, hashedKey, hashKey, KEY } from "../runtime/api-key.ts";
import { asError, Rejected } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import { type KeyScope, noteKeyUse } from "../store/accounts/api-keys.ts";
import { findKey, type KeyOwner } from "../store/accounts/find-keys.ts";

/** The owner and scope of a key. */
export interface Caller {
  organizationId: number;
  account: KeyOwner["account"];
  scope: KeyScope;
  /** The key's name, or its identifier if it has none. */
  keyName: string;
}

/** The owner of an account's key. */
interface AccountCaller extends Caller {
  account: NonNullable<Caller["account"]>;
}

function isOfAccount(caller: Caller): caller is AccountCaller {
  return caller.account !== null;
}

const BEARER = /^bearer +([^ ]+) *$/i;
/** How long a key's owner is trusted, in ms, in case the message about a revocation is lost. */
export const KEYS_TRUSTED_FOR_MS = 2_000;
const MOST_CACHED = 10_000;

interface Cached {
  caller: Caller;
  hash: Buffer;
  until: number;
}

export interface Credentials {
  /** The value of `?key=`; undefined without one. */
  key: unknown;
  authorization: string | undefined;
  /** As `hashedKey`, for those of one connection. */
  hashed: ((key: string) => HashedKey) | undefined;
}

/**
 * Finds the owner of a key. Keys are looked up by their hash, so that the time of a look-up tells nothing about a stored
 * key, and are remembered for a short time. If a request has both forms of a key, the query's counts.
 */
export class Authenticator {
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #operatorHash: Buffer | null;
  readonly #metricsHash: Buffer | null;
  readonly #cache = new Map<string, Cached>();
  /** Counts calls of `forget`: an answer that was under way meanwhile is not remembered. */
  #generation = 0;
  /** Names of keys whose use is being recorded. */
  readonly #noting = new Set<string>();

  constructor(pool: Pool, log: Logger, { operatorKey, metrics }: Pick<Config, "operatorKey" | "metrics">) {
    this.#pool = pool;
    this.#log = log;
    this.#operatorHash = operatorKey === null ? null : hashKey(operatorKey);
    this.#metricsHash = metrics.key === null ? null : hashKey(metrics.key);
  }

  /** Forgets all keys: one was revoked. */
  forget(): void {
    this.#generation++;
    this.#cache.clear();
  }

  /**
   * Synchronous if the key is known, as for nearly every request.
   * @throws Rejected `invalid-key` (400) or `invalid-token` (401), also for an organization's key
   */
  account(credentials: Credentials): AccountCaller | Promise<AccountCaller> {
    const caller = this.#find(credentials);
    return caller instanceof Promise
      ? caller.then((found) => accountOf(found, credentials))
      : accountOf(caller, credentials);
  }

  /** @throws Rejected as `account`, also for an account's key */
  async organization(credentials: Credentials): Promise<Caller> {
    const caller = await this.#find(credentials);
    if (caller === null) throw wrong(credentials, "is not a key that works here");
    if (caller.account !== null) throw wrong(credentials, "is an account's; an organization's is needed here");
    return caller;
  }

  /** @throws Rejected as `account`, for every key if none is configured */
  operator(credentials: Credentials): void {
    if (!isConfigured(this.#operatorHash, credentials)) throw wrong(credentials, "is not the operator's");
  }

  /** @throws Rejected if there is no key at all */
  isOperator(credentials: Credentials): boolean {
    return isConfigured(this.#operatorHash, credentials);
  }

  /** Who may see the metrics: the operator, and anybody where they have no key. @throws Rejected as `account` */
  metrics(credentials: Credentials): void {
    if (this.#metricsHash === null || this.isOperator(credentials)) return;
    if (!isConfigured(this.#metricsHash, credentials)) throw wrong(credentials, "is not that of the metrics");
  }

  /** Any key's owner. @throws Rejected as `account`, for an unknown key */
  async anybody(credentials: Credentials): Promise<Caller | "operator"> {
    if (isConfigured(this.#operatorHash, credentials)) return "operator";
    const caller = await this.#find(credentials);
    if (caller === null) throw wrong(credentials, "is not a key that works here");
    return caller;
  }

  /** The answer to a request whose key has stopped working since it came in. */
  refusal(credentials: Credentials): Rejected {
    return wrong(credentials, "is not a key that works here");
  }

  #find(credentials: Credentials): Caller | null | Promise<Caller | null> {
    const key = keyOf(credentials);
    if (key === null || !KEY.test(key)) return null;
    const hashed = (credentials.hashed ?? hashedKey)(key);
    const cached = this.#cache.get(hashed.name);
    const now = Date.now();
    const isKnown = cached !== undefined && cached.until > now && timingSafeEqual(cached.hash, hashed.hash);
    return isKnown ? cached.caller : this.#ask(hashed, now);
  }

  async #ask({ hash, name: keyName }: HashedKey, now: number): Promise<Caller | null> {
    const generation = this.#generation;
    const owner = await findKey(this.#pool, hash);
    if (owner === null) {
      this.#cache.delete(keyName);
      return null;
    }
    const { organizationId, account, scope, keyName: title, expiresInMs } = owner;
    if (!owner.useIsNoted) this.#noteUse(keyName, hash);
    const caller = { organizationId, account, scope, keyName: title };
    if (generation !== this.#generation) return caller;
    if (this.#cache.size >= MOST_CACHED) this.#cache.clear();
    this.#cache.set(keyName, {
      caller,
      hash,
      until: now + Math.min(KEYS_TRUSTED_FOR_MS, expiresInMs ?? KEYS_TRUSTED_FOR_MS),
    });
    return caller;
  }

  /** Nobody waits for it: a key in use is asked for every two seconds, so a lost record is made the next time. */
  #noteUse(keyName: string, hash: Buffer): void {
    if (this.#noting.has(keyName)) return;
    this.#noting.add(keyName);
    noteKeyUse(this.#pool, hash)
      .catch((error: unknown) => this.#log.debug({ err: asError(error) }, "the use of a key was not noted"))
      .finally(() => this.#noting.delete(keyName));
  }
}

function accountOf(caller: Caller | null, credentials: Credentials): AccountCaller {
  if (caller === null) throw wrong(credentials, "is not a key that works here");
  if (!isOfAccount(caller)) throw wrong(credentials, "is an organization's; an account's is needed here");
  return caller;
}

/** Whether it is the configured key; false if none is configured. @throws Rejected if the request has no key */
function isConfigured(hash: Buffer | null, credentials: Credentials): boolean {
  const key = keyOf(credentials);
  return key !== null && hash !== null && timingSafeEqual(hashKey(key), hash);
}

/** The key that counts; null if it is not of the right form. @throws Rejected if the request has no key */
function keyOf({ key, authorization }: Credentials): string | null {
  if (key !== undefined) return typeof key === "string" ? key : null;
  if (authorization === undefined || !/^bearer\b/i.test(authorization)) {
    throw new Rejected("invalid-key", "A key is needed: as ?key=… in the query, or as a bearer token.");
  }
  return BEARER.exec(authorization)?.[1] ?? null;
}

function wrong({ key }: Credentials, why: string): Rejected {
  return key === undefined
    ? new Rejected("invalid-token", `The bearer token ${why}.`)
    : new Rejected("invalid-key", `The key in the query ${why}.`);
}
