import { type Api, type CallOptions, type ListOptions, path } from "./api.ts";
import type { Identifier } from "./batches.ts";
import type { Paged } from "./paged.ts";

/** The URLs for an account's inbound messages and for events about its endpoints. */
export interface AccountUrls {
  inbound_url: string | null;
  events_url: string | null;
}

/** A field that is left out stays as it is; null removes it. */
export interface AccountUrlsChange {
  inbound_url?: string | null | undefined;
  events_url?: string | null | undefined;
}

export interface NewSecret {
  identifier: string;
  /** `whsec_…`; shown this once. */
  secret: string;
}

export interface Secret {
  identifier: string;
  created_at: string;
}

/** `/account/{uuid}/webhook` and `/account/{uuid}/secret`; with an organization's key. */
export class AccountWebhooks {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  urls(account: string, options?: CallOptions): Promise<AccountUrls> {
    return this.#api.json({ method: "GET", path: path`/account/${account}/webhook` }, options);
  }

  setUrls(account: string, change: AccountUrlsChange, options?: CallOptions): Promise<AccountUrls> {
    return this.#api.json({ method: "PUT", path: path`/account/${account}/webhook`, body: change }, options);
  }

  /** An account has at most two secrets, and each signs all its webhooks. */
  createSecret(account: string, options?: CallOptions): Promise<NewSecret> {
    return this.#api.json({ method: "POST", path: path`/account/${account}/secret` }, options);
  }

  /** Without the secrets themselves. */
  secrets(account: string, options?: ListOptions): Paged<Secret> {
    return this.#api.list(path`/account/${account}/secret`, options);
  }

  deleteSecret(account: string, secret: string, options?: CallOptions): Promise<Identifier> {
    return this.#api.json({ method: "DELETE", path: path`/account/${account}/secret/${secret}` }, options);
  }
}
