import { resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { type ConfigSources, givenAt, REACH_DEFAULTS, readConfigFile } from "../config/given.ts";
import { isObject } from "../runtime/is-object.ts";

/** The settings by which a command reaches its program. */
export type Reach = {
  server: Pick<Config["server"], "host" | "port"> & { tls: Pick<Config["server"]["tls"], "cert"> };
} & Pick<Config, "dataDir" | "organizationKey" | "accountKey" | "operatorKey">;

/**
 * The address and keys of the configured program. Read without the configuration's schemas, which took more than half of a
 * command's time (0.27 of 0.42 s of CPU); if something is not plain, the schemas read it, or name the fault. Rejects with
 * ConfigError.
 */
export async function reachOf(sources: ConfigSources): Promise<Reach> {
  return readPlain(sources) ?? (await import("../config/config.ts")).loadConfig(sources);
}

/** The result of `loadConfig`; null if it is not plain. @throws ConfigError */
export function readPlain(sources: ConfigSources): Reach | null {
  const { env, cwd, overrides } = sources;
  const file = readConfigFile(sources);
  const read = (...path: string[]): unknown => givenAt(file, env, path);
  const host = read("server", "host") ?? REACH_DEFAULTS.host;
  const port = portOf(read("server", "port") ?? REACH_DEFAULTS.port);
  const cert = read("server", "tls", "cert") ?? null;
  const dataDir = overrides?.dataDir ?? read("dataDir") ?? REACH_DEFAULTS.dataDir;
  const [organizationKey, accountKey, operatorKey] = [read("organizationKey"), read("accountKey"), read("operatorKey")];
  if (!isGroup(file.server) || !isGroup((file.server as { tls?: unknown } | undefined)?.tls)) return null;
  if (!isText(host) || port === null || !isText(dataDir) || !(cert === null || isText(cert))) return null;
  if (!isKey(organizationKey) || !isKey(accountKey) || !isKey(operatorKey)) return null;
  return {
    server: { host, port, tls: { cert: cert && resolve(cwd, cert) } },
    dataDir: resolve(cwd, dataDir),
    organizationKey: organizationKey ?? null,
    accountKey: accountKey ?? null,
    operatorKey: operatorKey ?? null,
  };
}

function isGroup(value: unknown): boolean {
  return value === undefined || isObject(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isKey(value: unknown): value is string | null | undefined {
  return value == null || (typeof value === "string" && /^[0-9a-f]{32}$/.test(value));
}

/** A variable's value is text. */
function portOf(value: unknown): number | null {
  return /^\d{1,5}$/.test(String(value)) && Number(value) <= 65_535 ? Number(value) : null;
}
