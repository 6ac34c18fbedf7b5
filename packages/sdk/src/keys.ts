import type { IdentifierAndKey } from "./accounts.ts";
import { type Api, type CallOptions, type ListOptions, path } from "./api.ts";
import type { Identifier } from "./batches.ts";
import type { Channel } from "./messages.ts";
import type { Paged } from "./paged.ts";

/** `read` opens every GET; `send` sends and cancels too; `admin` opens everything. */
export type KeyScope = "send" | "read" | "admin";

/** A further key of an account or organization. */
export interface NewNamedKey {
  name: string;
  scope: KeyScope;
}

export interface Key {
  identifier: string;
  /** Null: the account's or organization's own, which rotation replaces. */
  name: string | null;
  scope: KeyScope;
  /** Its first six characters; null if the key is older than their keeping. */
  prefix: string | null;
  created_at: string;
  /** To about a minute; null if it was never used. */
  last_used_at: string | null;
  /** The end of the grace after a rotation; else null. */
  expires_at: string | null;
}

/** The owner of a key. */
export interface Me {
  kind: "account" | "organization" | "operator";
  scope: KeyScope;
  /** Of an account's key. */
  account?: {
    identifier: string;
    name: string;
    credits: number;
    /** Whether its messages cost credits, one a part. */
    priced: boolean;
    /** Those that the server has carriers for. */
    channels: Channel[];
  };
  /** Of every key but the operator's. The balance, credits that no account has been given, is told to its own key. */
  organization?: { identifier: string; name: string; balance?: number };
}

/** `/me`, with any key, and `/organization-keys`, with an organization's key. */
export class Keys {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The owner of the client's key. */
  me(options?: CallOptions): Promise<Me> {
    return this.#api.json({ method: "GET", path: "/me" }, options);
  }

  /** Makes a key of the organization's. */
  create(key: NewNamedKey, options?: CallOptions): Promise<IdentifierAndKey> {
    return this.#api.json({ method: "POST", path: "/organization-keys", body: key }, options);
  }

  /** The organization's live keys, the newest first. */
  list(options?: ListOptions): Paged<Key> {
    return this.#api.list("/organization-keys", options);
  }

  /** The key stops working at once. */
  revoke(key: string, options?: CallOptions): Promise<Identifier> {
    return this.#api.json({ method: "DELETE", path: path`/organization-keys/${key}` }, options);
  }
}
