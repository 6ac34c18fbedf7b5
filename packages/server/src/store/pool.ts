import { asError } from "../runtime/errors.ts";
import { type Settings, STATEMENT_TIMEOUT_MS, StoreClient } from "./client.ts";
import pg from "./pg.ts";

export interface PoolOptions {
  max: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** PostgreSQL settings of each connection, such as `plan_cache_mode`. They win over ours. */
  sessionSettings?: Settings;
  /** Told about connections that are lost while idle; the pool replaces them. Default: nobody. */
  onIdleError?: (error: Error) => void;
}

/** Past the server's own bound, so that it is met only where the server is out of reach and says nothing. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;

/** A server lets in within milliseconds; one that takes so long is out of reach. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Statements of the flow name the day's partition, so a connection that is never idle prepares each of them anew every
 * day, and keeps the plans of all days before: 240 kB of the server's memory a statement. A connection ends after an
 * hour, and its plans with it.
 */
const LIFETIME_SECONDS = 3_600;

/**
 * A pool whose lost connections never crash the program. `bigint` values, and arrays of them, come as numbers; one
 * beyond 2^53 rejects the query (RangeError).
 */
export function createPool(config: pg.ClientConfig, options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    Client: clientWith(options.sessionSettings),
    max: options.max,
    maxLifetimeSeconds: LIFETIME_SECONDS,
    application_name: options.applicationName,
    query_timeout: ANSWER_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  });
  pool.on("error", (error) => options.onIdleError?.(asError(error)));
  return pool;
}

/** The pool gives each of its clients what it was itself given. */
function clientWith(settings: Settings | undefined): typeof StoreClient & (new () => StoreClient) {
  return class extends StoreClient {
    constructor(config: pg.ClientConfig = {}) {
      super(config, settings);
    }
  };
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
