import type { Pool } from "pg";
import type { Acceptor } from "../accept/acceptor.ts";
import type { SenderOwners } from "../accept/sender-owners.ts";
import type { SharedPool } from "../accept/shared-pool.ts";
import type { Accounts } from "../account/accounts.ts";
import type { BindStatus } from "../account/bind-status.ts";
import type { Keys } from "../account/keys.ts";
import type { Organizations } from "../account/organizations.ts";
import type { SmppCredentials } from "../account/smpp-credentials.ts";
import type { CarrierStatus } from "../carriers/carrier.ts";
import type { ReloadAnswer } from "../config/changes.ts";
import type { Config } from "../config/config.ts";
import type { WhyWaiting } from "../message/waiting.ts";
import type { RouteLanguages } from "../route/languages.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { ServerTls } from "../runtime/tls-files.ts";
import type { StoreWatch } from "../store/watch.ts";
import type { TakeToken } from "./access.ts";
import type { Authenticator } from "./authenticate.ts";
import type { Requests } from "./requests.ts";
import type { CheckCallback } from "./send/rules.ts";
import type { Turns } from "./turns.ts";

/** Everything that the routes work with; an accepting process makes it. */
export interface AppOptions {
  config: Config;
  /** Null for plain HTTP. */
  tls: ServerTls | null;
  pool: Pool;
  /** The store's connections for all that is no sending. */
  turns: Turns;
  log: Logger;
  clock: Clock;
  store: StoreWatch;
  requests: Requests;
  authenticator: Authenticator;
  /** Limits the requests of an account or organization; null where they are not limited. */
  takeToken: TakeToken | null;
  /** Limits the webhooks that an account has replayed; null where they are not limited. */
  replays: ReplayLimit | null;
  acceptor: Acceptor;
  organizations: Organizations;
  accounts: Accounts;
  keys: Keys;
  smppCredentials: SmppCredentials;
  senderOwners: SenderOwners;
  sharedPool: SharedPool;
  /** Has every process forget what it remembers of senders. */
  sendersChanged(): Promise<void>;
  checkCallback: CheckCallback;
  languages: RouteLanguages;
  /** The work of the program that does not go on; empty where all does. */
  stuck(): Promise<string>;
  /** The metrics of the whole program, in Prometheus' text form. */
  metrics(): Promise<string>;
  /** Has a carrier take nothing, or go on. */
  pauseCarrier(id: string, paused: boolean): Promise<void>;
  /** Reads the configuration anew. */
  reload(): Promise<ReloadAnswer>;
  /** Customers' binds over SMPP to this program. */
  binds(): Promise<BindStatus[]>;
  /** How the carriers of this program do, in the order of the configuration. */
  carriers(): Promise<CarrierStatus[]>;
  /** Why a message waits that is in the engine's memory; null where it is not there, or the engine does not answer. */
  whyWaiting(message: string): Promise<WhyWaiting | null>;
  /** Resolves with whether what a carrier's event says is committed. */
  takeEvent(carrier: string, event: unknown): Promise<boolean>;
  reference: Reference;
}

export interface ReplayLimit {
  perMinute: number;
  take: TakeToken;
  /** Counts those beyond the token that was taken; negative gives back. */
  spend(holder: string, count: number): Promise<void>;
}

/** The API's reference in its two forms. Each is made when it is first asked for: most processes are never asked. */
export interface Reference {
  /** OpenAPI, as JSON. */
  openApi(): Promise<string>;
  /** A page of HTML that needs nothing else. */
  page(): Promise<string>;
}
