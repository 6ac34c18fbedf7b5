import { timingSafeEqual } from "node:crypto";
import type { Pool } from "pg";
import { type HashedKey, hashedKey, hashKey, KEY } from "../runtime/api-key.ts";
import { Rejected } from "../runtime/errors.ts";
import { findKey, type KeyOwner } from "../store/accounts/find-keys.ts";

/** Whose key it is, and a name for the key that tells nothing of it. */
export interface Caller {
  organizationId: number;
  account: KeyOwner["account"];
  keyName: string;
}

/** Who calls with an account's key. */
interface AccountCaller extends Caller {
  account: NonNullable<Caller["account"]>;
}

function isOfAccount(caller: Caller): caller is AccountCaller {
  return caller.account !== null;
}

const BEARER = /^bearer +([^ ]+) *$/i;
/** A key's owner is asked for again after this time, should the message that it was revoked be lost. */
export const KEYS_TRUSTED_FOR_MS = 2_000;
const MOST_CACHED = 10_000;

interface Cached {
  caller: Caller;
  hash: Buffer;
  until: number;
}

export interface Credentials {
  /** The value of `?key=`; undefined where there is none. */
  key: unknown;
  authorization: string | undefined;
  /** As `hashedKey`, for those of one connection. */
  hashed: ((key: string) => HashedKey) | undefined;
}

/**
 * Who calls. Keys are looked up by their hash, so that the time of a look-up tells nothing about a stored key, and are
 * remembered for a short time. A request with both forms is judged by its query.
 */
export class Authenticator {
  readonly #pool: Pool;
  readonly #operatorHash: Buffer | null;
  readonly #cache = new Map<string, Cached>();
  /** Counts what was forgotten: an answer that was under way meanwhile is not remembered. */
  #generation = 0;

  constructor(pool: Pool, operatorKey: string | null) {
    this.#pool = pool;
    this.#operatorHash = operatorKey === null ? null : hashKey(operatorKey);
  }

  /** Forgets what it knows of keys: one was revoked. */
  forget(): void {
    this.#generation++;
    this.#cache.clear();
  }

  /**
   * At once where the key is known, as it is for nearly every request.
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

  /** @throws Rejected as `account`, for every key where none is configured */
  operator(credentials: Credentials): void {
    const key = keyOf(credentials);
    const hash = key === null ? null : hashKey(key);
    if (hash === null || this.#operatorHash === null || !timingSafeEqual(hash, this.#operatorHash)) {
      throw wrong(credentials, "is not the operator's");
    }
  }

  /** What a request is answered whose key has stopped working since it came in. */
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
    const { organizationId, account, expiresInMs } = owner;
    const caller = { organizationId, account, keyName };
    if (generation !== this.#generation) return caller;
    if (this.#cache.size >= MOST_CACHED) this.#cache.clear();
    this.#cache.set(keyName, {
      caller,
      hash,
      until: now + Math.min(KEYS_TRUSTED_FOR_MS, expiresInMs ?? KEYS_TRUSTED_FOR_MS),
    });
    return caller;
  }
}

function accountOf(caller: Caller | null, credentials: Credentials): AccountCaller {
  if (caller === null) throw wrong(credentials, "is not a key that works here");
  if (!isOfAccount(caller)) throw wrong(credentials, "is an organization's; an account's is needed here");
  return caller;
}

/** The key that a request is judged by; null where it has none of the right form. @throws Rejected where it has none */
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
