import { type Api, type CallOptions, type ListOptions, path } from "./api.ts";
import type { Identifier } from "./batches.ts";
import type { Key, NewNamedKey } from "./keys.ts";
import type { Paged } from "./paged.ts";

/** The identifier of a new object and its own key, which is shown this once. */
export interface IdentifierAndKey {
  identifier: string;
  apiKey: string;
}

export interface NewKey {
  apiKey: string;
}

export interface ListedAccount {
  identifier: string;
  name: string;
  /** Its balance. */
  credits: number;
  /** Whether it is deactivated. */
  deleted: boolean;
}

export interface Account extends ListedAccount {
  /** Whether its balance may go below zero. */
  overdraft: boolean;
}

export interface AccountList {
  accounts: ListedAccount[];
}

export interface AccountChange {
  name?: string | undefined;
  overdraft?: boolean | undefined;
  /** Reactivates the account. */
  deleted?: false | undefined;
}

export type LedgerKind = "topup" | "charge" | "hold" | "cancel" | "return" | "add";

/** A movement of an account's credits. */
export interface LedgerItem {
  at: string;
  kind: LedgerKind;
  /** Credits added; negative: taken. */
  credits: number;
  /** The balance after it. */
  balance: number;
  batch_uuid: string | null;
}

/** `/account` and `/topup`; with an organization's key. */
export class Accounts {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  create(name: string, options?: CallOptions): Promise<IdentifierAndKey> {
    return this.#api.json({ method: "POST", path: "/account", body: { name } }, options);
  }

  /** All accounts, deactivated ones too. */
  list(options?: CallOptions): Promise<AccountList> {
    return this.#api.json({ method: "GET", path: "/account" }, options);
  }

  get(account: string, options?: CallOptions): Promise<Account> {
    return this.#api.json({ method: "GET", path: path`/account/${account}` }, options);
  }

  /** Renames it, lets it overdraw, or reactivates it. */
  async change(account: string, change: AccountChange, options?: CallOptions): Promise<void> {
    await this.#api.json({ method: "PATCH", path: path`/account/${account}`, body: change }, options);
  }

  /** Moves credits from the organization to it. */
  async topUp(accountUuid: string, topup: number, options?: CallOptions): Promise<void> {
    await this.#api.json({ method: "PATCH", path: "/topup", body: { accountUuid, topup } }, options);
  }

  /** Makes a new own key. The old one works for `graceSeconds` more, or ends at once. */
  rotateKey(account: string, graceSeconds = 0, options?: CallOptions): Promise<NewKey> {
    return this.#api.json({ method: "POST", path: path`/account/${account}/key`, body: { graceSeconds } }, options);
  }

  /** Makes a key beside its own. */
  createKey(account: string, key: NewNamedKey, options?: CallOptions): Promise<IdentifierAndKey> {
    return this.#api.json({ method: "POST", path: path`/account/${account}/keys`, body: key }, options);
  }

  /** Its live keys, the newest first. */
  keys(account: string, options?: ListOptions): Paged<Key> {
    return this.#api.list(path`/account/${account}/keys`, options);
  }

  /** The key stops working at once. */
  revokeKey(account: string, key: string, options?: CallOptions): Promise<Identifier> {
    return this.#api.json({ method: "DELETE", path: path`/account/${account}/keys/${key}` }, options);
  }

  /** Every movement of its credits, the newest first. */
  ledger(account: string, options?: ListOptions): Paged<LedgerItem> {
    return this.#api.list(path`/account/${account}/ledger`, options);
  }

  /** Stops its keys, cancels its pending batches, returns its credits. */
  async deactivate(account: string, options?: CallOptions): Promise<void> {
    await this.#api.json({ method: "DELETE", path: path`/account/${account}` }, options);
  }
}
