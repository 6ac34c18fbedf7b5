import type { Api, ListOptions } from "./api.ts";
import type { Paged } from "./paged.ts";

export interface AuditItem {
  at: string;
  /** The name of the key that asked for it, or where it has none its identifier; `operator` for the operator's. */
  key: string;
  /** The action: `account.create`, `key.revoke` and the like. */
  action: string;
  /** To what: its UUID; a handset by its last four digits; a carrier by its id. */
  object: string;
  /** Whose it is; for the operator alone. Null of a carrier and of the configuration. */
  organization_uuid?: string | null;
}

/** `/audit`: who changed what; with an organization's key, or the operator's. */
export class Audit {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The newest first. */
  list(options?: ListOptions): Paged<AuditItem> {
    return this.#api.list("/audit", options);
  }
}
