import { type Hosts, hostsOf } from "./hosts.ts";
import pg from "./pg.ts";

/** How the store is reached. */
export interface StoreConfig extends pg.ClientConfig {
  /** Where its tables are; undefined for the role's `search_path`. */
  schema?: string;
}

export type Settings = Readonly<Record<string, string | number>>;

/** The time that statements of the flow may take. Milliseconds. */
export const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * A role, a database or a server may carry settings of its own, which would decide how values are written and read, how
 * transactions see each other, and how long they may take. Each that our statements depend on is said here.
 */
const SESSION_SETTINGS: Settings = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 60_000,
  idle_session_timeout: 0,
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  bytea_output: "hex",
  extra_float_digits: 1,
  standard_conforming_strings: "on",
  default_transaction_isolation: "read committed",
  default_transaction_read_only: "off",
  default_transaction_deferrable: "off",
};

/**
 * A connection with settings of ours, whatever a role or the `options` of a URL say: they are set once it is there, so
 * that a pooler between need not know them. Where the URL names several hosts it leads to the one that takes writes, or
 * is none: then the next connection is tried with the next host. Its loss shows in the query under way, or in the next.
 */
export class StoreClient extends pg.Client {
  readonly #hosts: Hosts | null;
  readonly #url: string | undefined;
  readonly #settings: Settings;

  /** @param settings beside those that every connection has, and before them */
  constructor({ schema, ...config }: StoreConfig, settings: Settings = {}) {
    const hosts = hostsOf(config);
    const url = hosts?.current ?? config.connectionString;
    super(hosts === null ? config : { ...config, connectionString: url });
    this.#hosts = hosts;
    this.#url = url;
    const path = schema === undefined ? {} : { search_path: pg.escapeIdentifier(schema) };
    this.#settings = { ...SESSION_SETTINGS, ...settings, ...path };
    this.on("error", () => {});
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: (error: Error | null, client?: pg.Client) => void): void;
  override connect(callback?: (error: Error | null, client?: pg.Client) => void): Promise<pg.Client> | undefined {
    const connected = this.#connect();
    if (callback === undefined) return connected;
    connected.then((client) => callback(null, client), callback);
    return undefined;
  }

  async #connect(): Promise<pg.Client> {
    try {
      await super.connect();
      const { rows } = await this.query<{ standby: boolean }>(begin(this.#settings));
      if (this.#hosts !== null && rows[0]?.standby !== false) throw new StandbyError(`${this.host}:${this.port}`);
      return this;
    } catch (error) {
      this.#hosts?.failed(this.#url as string);
      // It is open where the server let in and was not what is looked for.
      void this.end().catch(() => {});
      throw error;
    }
  }
}

/** Of several hosts, one that takes no writes; as the server says it of a statement. */
export class StandbyError extends Error {
  override readonly name = "StandbyError";
  readonly code = "25006";

  constructor(host: string) {
    super(`${host} is a standby, which takes no writes`);
  }
}

function begin(settings: Settings): pg.QueryConfig {
  const entries = Object.entries(settings);
  const set = entries.map((_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, false)`);
  const values = entries.flatMap(([name, value]) => [name, String(value)]);
  return { text: `SELECT pg_is_in_recovery() AS standby, ${set.join(", ")}`, values };
}
