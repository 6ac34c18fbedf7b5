import pg from "pg";
import { asError } from "../runtime/errors.ts";

export interface PoolOptions {
  max: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** PostgreSQL settings of each connection, such as `plan_cache_mode`. They win over ours. */
  sessionSettings?: Readonly<Record<string, string | number>>;
  /** Told about connections that are lost while idle; the pool replaces them. Default: nobody. */
  onIdleError?: (error: Error) => void;
}

const STATEMENT_TIMEOUT_MS = 30_000;
/** Past the server's own bound, so that it is met only where the server is out of reach and says nothing. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;

/** A server lets in within milliseconds; one that takes so long is out of reach. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * A role, a database or a server may carry settings of its own, which would decide how values are written and read, how
 * transactions see each other, and how long they may take. Each that our statements depend on is said here.
 */
const SESSION_SETTINGS = {
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
 * Statements of the flow name the day's partition, so a connection that is never idle prepares each of them anew every
 * day, and keeps the plans of all days before: 240 kB of the server's memory a statement. A connection ends after an
 * hour, and its plans with it.
 */
const LIFETIME_SECONDS = 3_600;

/**
 * A pool whose lost connections never crash the program. `bigint` values, and arrays of them, come as numbers; one
 * beyond 2^53 rejects the query (RangeError). The settings go along as the connection's `options`, without a round trip;
 * a pgbouncer in between must have `options` among its ignore_startup_parameters or apply them itself.
 */
export function createPool(config: pg.ClientConfig, options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    ...withSettings(config, options.sessionSettings),
    max: options.max,
    maxLifetimeSeconds: LIFETIME_SECONDS,
    application_name: options.applicationName,
    query_timeout: ANSWER_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  });
  // A client that is lost while checked out also rejects its query; without a listener, its event would end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  pool.on("error", (error) => options.onIdleError?.(asError(error)));
  return pool;
}

/**
 * The connection with settings of ours behind the operator's own `options`. Those of a URL are taken out of it: what
 * stands in the URL would replace ours.
 * @param settings beside those that every connection has, and before them
 */
export function withSettings(
  config: pg.ClientConfig,
  settings: Readonly<Record<string, string | number>> = {},
): pg.ClientConfig {
  const { connectionString, ...rest } = config;
  const url = connectionString !== undefined && URL.canParse(connectionString) ? new URL(connectionString) : null;
  const theirs = url?.searchParams.get("options") ?? config.options;
  url?.searchParams.delete("options");
  const ours = Object.entries({ ...SESSION_SETTINGS, ...settings }).map(startupOption);
  const options = [theirs, ...ours].filter(Boolean).join(" ");
  if (connectionString === undefined) return { ...rest, options };
  return { ...rest, options, connectionString: theirs === config.options ? connectionString : url!.href };
}

/** As the server splits `options`: at spaces, a backslash taking the next character as it is. */
function startupOption([name, value]: [string, string | number]): string {
  return `-c ${name}=${String(value).replace(/[\\\s]/g, "\\$&")}`;
}

function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond the integers that a number holds`);
  return value;
}

/** `{1,2,NULL}`; the array of a column is never nested here. */
function parseBigintArray(text: string): (number | null)[] {
  if (text === "{}") return [];
  return text
    .slice(1, -1)
    .split(",")
    .map((item) => (item === "NULL" ? null : parseBigint(item)));
}

const INT8 = 20;
const INT8_ARRAY = 1016;

const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: "text" | "binary") => {
  if (format !== "binary" && oid === INT8) return parseBigint;
  if (format !== "binary" && oid === INT8_ARRAY) return parseBigintArray;
  return pg.types.getTypeParser(oid, format as "text");
};
