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

const SESSION_SETTINGS = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 60_000,
};

/**
 * A pool whose lost connections never crash the program. `bigint` values, and arrays of them, come as numbers; one
 * beyond 2^53 rejects the query (RangeError). The settings go along as the connection's `options`, without a round trip;
 * a pgbouncer in between must have `options` among its ignore_startup_parameters or apply them itself.
 */
export function createPool(config: pg.ClientConfig, options: PoolOptions): pg.Pool {
  const settings = { ...SESSION_SETTINGS, ...options.sessionSettings };
  const pool = new pg.Pool({
    ...config,
    max: options.max,
    application_name: options.applicationName,
    options: [config.options, ...Object.entries(settings).map(startupOption)].filter(Boolean).join(" "),
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
