/** Names an endpoint. The number alone is not enough: a customer can find a URL with the number of another account's. */
export interface Endpoint<Key = number> {
  accountId: Key;
  /** `endpointNumber` of the account and the origin of the URL. */
  endpoint: Key;
}

/**
 * The number by which rows name an account's endpoint (the origin of the callback URL): FNV-1a of 32 bits, as
 * PostgreSQL's signed integer. Two endpoints of one account with the same number share turns and health; endpoints of two
 * accounts are told apart by the account.
 */
export function endpointNumber(accountId: number, origin: string): number {
  let hash = 0x811c9dc5;
  const name = `${accountId} ${origin}`;
  for (let index = 0; index < name.length; index++) {
    hash ^= name.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash | 0;
}

/** Values by account and number, in two maps: a look-up makes no text, and no number too large to be exact. */
export class EndpointMap<Value, Key = number> {
  readonly #accounts = new Map<Key, Map<Key, Value>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get({ accountId, endpoint }: Endpoint<Key>): Value | undefined {
    return this.#accounts.get(accountId)?.get(endpoint);
  }

  has({ accountId, endpoint }: Endpoint<Key>): boolean {
    return this.#accounts.get(accountId)?.has(endpoint) === true;
  }

  set({ accountId, endpoint }: Endpoint<Key>, value: Value): void {
    let values = this.#accounts.get(accountId);
    if (values === undefined) {
      values = new Map();
      this.#accounts.set(accountId, values);
    }
    this.#size -= values.size;
    values.set(endpoint, value);
    this.#size += values.size;
  }

  /** @returns whether there was one */
  delete({ accountId, endpoint }: Endpoint<Key>): boolean {
    const values = this.#accounts.get(accountId);
    if (values?.delete(endpoint) !== true) return false;
    if (values.size === 0) this.#accounts.delete(accountId);
    this.#size--;
    return true;
  }

  *values(): Generator<Value> {
    for (const values of this.#accounts.values()) yield* values.values();
  }
}
