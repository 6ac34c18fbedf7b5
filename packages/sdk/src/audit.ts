import type { Api, ListOptions } from "./api.ts";
import type { Paged } from "./paged.ts";

export interface AuditItem {
  at: string;
  /** The name of the key that made the change, or its identifier if it has none; `operator` for the operator's. */
  key: string;
  /** The action: `account.create`, `key.revoke` and the like. */
  action: string;
  /** The changed object: its UUID; a handset by its last four digits; a carrier by its id. */
  object: string;
  /** The object's organization; for the operator only. Null for a carrier and the configuration. */
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
