import { type Api, type CallOptions, type ListOptions, path } from "./api.ts";
import type { Identifier } from "./batches.ts";
import type { Paged } from "./paged.ts";

/** The settings of a credential. */
export interface SmppCredentialFields {
  /** The name that the software binds with; 1 to 15 characters. The server makes one up by default. */
  system_id?: string | undefined;
  /** Most binds at one time; 1 to 64. */
  binds?: number | undefined;
  /** Most submits of one bind without an answer. */
  window?: number | undefined;
  /** Submits a second; null for no limit. */
  throughput?: number | null | undefined;
  /** Addresses and networks from which it may bind; empty: any. */
  allow?: string[] | undefined;
  /** The alphabet of texts with data_coding 0. */
  alphabet?: "gsm" | "latin1" | "ascii" | undefined;
}

/** A new credential with its password, which is shown this once. */
export interface NewSmppCredential {
  identifier: string;
  system_id: string;
  password: string;
}

export interface SmppCredential {
  identifier: string;
  system_id: string;
  binds: number;
  window: number;
  throughput: number | null;
  allow: string[];
  alphabet: "gsm" | "latin1" | "ascii";
  created_at: string;
}

/** A bind of a customer's software. */
export interface SmppBind {
  system_id: string;
  account_uuid: string;
  /** For the operator alone. */
  organization_uuid?: string;
  address: string;
  kind: "transmitter" | "receiver" | "transceiver";
  since: string;
  /** Submits that may be without an answer, and that are. */
  window: number;
  under_way: number;
  /** Submits that were accepted, requests that were refused, and what the bind took, since it was bound. */
  counts: { accepted: number; refused: number; delivered: number };
}

/** `/smpp` and `/account/{uuid}/smpp`; with an organization's key. */
export class Smpp {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  create(account: string, fields: SmppCredentialFields = {}, options?: CallOptions): Promise<NewSmppCredential> {
    return this.#api.json({ method: "POST", path: path`/account/${account}/smpp`, body: fields }, options);
  }

  /** Who is bound to the program that answers, the oldest first; with an organization's key, or the operator's. */
  bound(options?: ListOptions): Paged<SmppBind> {
    return this.#api.list("/smpp", options);
  }

  /** The newest first, without passwords. */
  list(account: string, options?: ListOptions): Paged<SmppCredential> {
    return this.#api.list(path`/account/${account}/smpp`, options);
  }

  async change(
    account: string,
    credential: string,
    fields: SmppCredentialFields,
    options?: CallOptions,
  ): Promise<void> {
    const where = path`/account/${account}/smpp/${credential}`;
    await this.#api.json({ method: "PATCH", path: where, body: fields }, options);
  }

  /** Makes a new password. The old one works for `graceSeconds` more, or ends at once. */
  rotatePassword(
    account: string,
    credential: string,
    graceSeconds = 0,
    options?: CallOptions,
  ): Promise<{ password: string }> {
    const where = path`/account/${account}/smpp/${credential}/password`;
    return this.#api.json({ method: "POST", path: where, body: { graceSeconds } }, options);
  }

  /** Ends its binds too. */
  delete(account: string, credential: string, options?: CallOptions): Promise<Identifier> {
    return this.#api.json({ method: "DELETE", path: path`/account/${account}/smpp/${credential}` }, options);
  }
}
