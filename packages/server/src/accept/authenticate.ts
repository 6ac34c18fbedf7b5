import { timingSafeEqual } from "node:crypto";
import type { Pool } from "pg";
import { hashKey, KEY } from "../runtime/api-key.ts";
import { Rejected } from "../runtime/errors.ts";
import { findKey, type KeyOwner } from "../store/find-keys.ts";

const BEARER = /^bearer +([^ ]+) *$/i;
/** A key's owner is asked for again after this time, should the message that it was revoked be lost. */
const TRUSTED_FOR_MS = 2_000;
const MOST_CACHED = 10_000;

interface Cached {
  owner: KeyOwner;
  hash: Buffer;
  until: number;
}

export interface Credentials {
  /** The value of `?key=`; undefined where there is none. */
  key: unknown;
  authorization: string | undefined;
}

/**
 * Who calls. Keys are looked up by their hash, so that the time of a look-up tells nothing about a stored key, and are
 * remembered for a short time. A request with both forms is judged by its query.
 */
export class Authenticator {
  readonly #pool: Pool;
  readonly #cache = new Map<string, Cached>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Forgets what it knows of keys: one was revoked. */
  forget(): void {
    this.#cache.clear();
  }

  /** @throws Rejected `invalid-key` (400) or `invalid-token` (401) */
  async owner({ key, authorization }: Credentials): Promise<KeyOwner> {
    if (key !== undefined) {
      const owner = typeof key === "string" ? await this.#find(key) : null;
      if (owner === null) throw new Rejected("invalid-key", "The key in the query is not a key that works here.");
      return owner;
    }
    const token = authorization === undefined ? null : BEARER.exec(authorization);
    if (authorization !== undefined && /^bearer\b/i.test(authorization)) {
      const owner = token === null ? null : await this.#find(token[1] as string);
      if (owner === null) throw new Rejected("invalid-token", "The bearer token is not a key that works here.");
      return owner;
    }
    throw new Rejected("invalid-key", "A key is needed: as ?key=… in the query, or as a bearer token.");
  }

  /** @throws Rejected as `owner`, also for an organization's key */
  async account(credentials: Credentials): Promise<{ id: number; identifier: string }> {
    const { account } = await this.owner(credentials);
    if (account !== null) return account;
    const [name, place] = credentials.key === undefined ? ["invalid-token", "token"] : ["invalid-key", "key"];
    throw new Rejected(name as string, `An account's key is needed here; this ${place} is an organization's.`);
  }

  async #find(key: string): Promise<KeyOwner | null> {
    if (!KEY.test(key)) return null;
    const hash = hashKey(key);
    const name = hash.toString("base64");
    const cached = this.#cache.get(name);
    const now = Date.now();
    if (cached !== undefined && cached.until > now && timingSafeEqual(cached.hash, hash)) return cached.owner;
    const owner = await findKey(this.#pool, hash);
    if (owner === null) {
      this.#cache.delete(name);
      return null;
    }
    if (this.#cache.size >= MOST_CACHED) this.#cache.clear();
    this.#cache.set(name, { owner, hash, until: now + TRUSTED_FOR_MS });
    return owner;
  }
}
