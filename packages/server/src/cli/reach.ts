import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Config, ConfigSources } from "../config/config.ts";

/** What a command needs to know of the program that it asks. */
export type Reach = {
  server: Pick<Config["server"], "host" | "port"> & { tls: Pick<Config["server"]["tls"], "cert"> };
} & Pick<Config, "dataDir" | "organizationKey" | "accountKey" | "operatorKey">;

/** Other spellings of variables that are read here. */
const ODD = ["MPLUS_DATADIR", "MPLUS_ORGANIZATIONKEY", "MPLUS_ACCOUNTKEY", "MPLUS_OPERATORKEY"];

/**
 * Where the configured program is, and with which keys. Without the configuration's schemas, which took more than half of
 * what a command took (0.27 of 0.42 s of CPU); where something is not plain to see, they read it, or say what is wrong.
 * Rejects with ConfigError.
 */
export async function reachOf(sources: ConfigSources): Promise<Reach> {
  return readPlain(sources) ?? (await import("../config/config.ts")).loadConfig(sources);
}

/** What `loadConfig` would make of it; null where that is not plain to see. */
export function readPlain({ file, env, cwd }: ConfigSources): Reach | null {
  const given = readFile(cwd, file ?? env.MPLUS_CONFIG);
  const server = given?.server ?? {};
  if (given === null || !isObject(server) || ODD.some((name) => env[name] !== undefined)) return null;
  const host = env.MPLUS_SERVER_HOST ?? server.host ?? "127.0.0.1";
  const port = portOf(env.MPLUS_SERVER_PORT ?? server.port ?? 8080);
  const dataDir = env.MPLUS_DATA_DIR ?? given.dataDir ?? "./data";
  const organizationKey = env.MPLUS_ORGANIZATION_KEY ?? given.organizationKey ?? null;
  const accountKey = env.MPLUS_ACCOUNT_KEY ?? given.accountKey ?? null;
  const operatorKey = env.MPLUS_OPERATOR_KEY ?? given.operatorKey ?? null;
  const tls = server.tls ?? {};
  if (!isObject(tls)) return null;
  const cert = env.MPLUS_SERVER_TLS_CERT ?? tls.cert ?? null;
  if (cert !== null && !isText(cert)) return null;
  if (!isText(host) || port === null || !isText(dataDir)) return null;
  if (!isKey(organizationKey) || !isKey(accountKey) || !isKey(operatorKey)) return null;
  return {
    server: { host, port, tls: { cert: cert && resolve(cwd, cert) } },
    dataDir: resolve(cwd, dataDir),
    organizationKey,
    accountKey,
    operatorKey,
  };
}

/** Empty where none was named and there is none; null where it cannot be read. */
function readFile(cwd: string, named: string | undefined): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(resolve(cwd, named ?? "messaging-plus.json"), "utf8"));
    return isObject(value) ? value : null;
  } catch (error) {
    return named === undefined && (error as NodeJS.ErrnoException).code === "ENOENT" ? {} : null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isKey(value: unknown): value is string | null {
  return value === null || (typeof value === "string" && /^[0-9a-f]{32}$/.test(value));
}

/** A variable's is text. */
function portOf(value: unknown): number | null {
  return /^\d{1,5}$/.test(String(value)) && Number(value) <= 65_535 ? Number(value) : null;
}
