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
import type { ToldReload } from "../config/changes.ts";
import type { Config } from "../config/config.ts";
import type { Span } from "../message/trace.ts";
import type { WhyWaiting } from "../message/waiting.ts";
import type { RouteLanguages } from "../route/languages.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { ServerTls } from "../runtime/tls-files.ts";
import type { StoreWatch } from "../store/watch.ts";
import type { TakeToken } from "./access.ts";
import type { Authenticator } from "./authenticate.ts";
import type { Requests } from "./requests.ts";
import type { RulesOptions } from "./send/rules.ts";
import type { Turns } from "./turns.ts";

/** The parts that a reload exchanges: they are read anew at each use. */
export interface Settings {
  config: Config;
  /** The rules of messages. */
  rules: RulesOptions;
  languages: RouteLanguages;
  /** Limits the requests of an account or organization; null: no limit. */
  takeToken: TakeToken | null;
  /** Limits the webhooks that an account replays; null: no limit. */
  replays: ReplayLimit | null;
}

/** The services of the routes; an accepting process makes them. */
export interface AppOptions extends Settings {
  /** Null for plain HTTP. */
  tls: ServerTls | null;
  pool: Pool;
  /** The store's connections for everything but sending. */
  turns: Turns;
  log: Logger;
  clock: Clock;
  store: StoreWatch;
  requests: Requests;
  authenticator: Authenticator;
  acceptor: Acceptor;
  organizations: Organizations;
  accounts: Accounts;
  keys: Keys;
  smppCredentials: SmppCredentials;
  senderOwners: SenderOwners;
  sharedPool: SharedPool;
  /** Makes every process forget the owners of senders. */
  sendersChanged(): Promise<void>;
  /** The work of the program that has stopped; empty if all goes on. */
  stuck(): Promise<string>;
  /** The metrics of the whole program, in Prometheus' text form. */
  metrics(): Promise<string>;
  /** Pauses a carrier, or lets it go on. */
  pauseCarrier(id: string, paused: boolean): Promise<void>;
  /** Reads the configuration anew. */
  reload(): Promise<ToldReload>;
  /** Customers' binds over SMPP to the programs on the store. */
  binds(): Promise<BindStatus[]>;
  /** How the carriers of this program do, in the order of the configuration. */
  carriers(): Promise<CarrierStatus[]>;
  /** Why a message in the engine's memory waits; null if it is not there, or the engine does not answer. */
  whyWaiting(message: string): Promise<WhyWaiting | null>;
  /** Resolves with whether the content of a carrier's event is committed. */
  takeEvent(carrier: string, event: unknown): Promise<boolean>;
  /** Takes spans of requests; null where nothing is traced. */
  trace: ((span: Span) => void) | null;
  reference: Reference;
}

export interface ReplayLimit {
  perMinute: number;
  take: TakeToken;
  /** Counts webhooks beyond the token that was taken; negative gives back. */
  spend(holder: string, count: number): Promise<void>;
}

/** The API's reference in its two forms, each made on first use: most processes are never asked. */
export interface Reference {
  /** OpenAPI, as JSON. */
  openApi(): Promise<string>;
  /** A page of HTML that loads nothing. */
  page(): Promise<string>;
}
