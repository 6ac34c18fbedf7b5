import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isObject } from "../runtime/is-object.ts";
import { jsonPosition } from "../runtime/json-position.ts";

/**
 * The sources of the configuration: a file, and environment variables that win over it. Nothing of it is checked here,
 * so that a command which needs three keys does not load the schemas and their library.
 */
export interface ConfigSources {
  /** The file's path where one was named; else `messaging-plus.json` is read if it is there. */
  file: string | undefined;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Values given on the command line; they win over file and environment. */
  overrides?: { roles?: string[]; dataDir?: string; host?: string; port?: number };
}

/** The configuration cannot be used; its message names every reason, with its path. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export const PREFIX = "MPLUS";

/** Defaults of the keys by which a command reaches its program. */
export const REACH_DEFAULTS = { host: "127.0.0.1", port: 8080, dataDir: "./data" } as const;

/** The values of the file; none where no file was named and there is none. @throws ConfigError */
export function readConfigFile({ file, env, cwd }: ConfigSources): Record<string, unknown> {
  const named = file ?? env.MPLUS_CONFIG;
  const path = resolve(cwd, named ?? "messaging-plus.json");
  let value: unknown = {};
  let text = "{}";
  try {
    text = readFileSync(path, "utf8");
    value = JSON.parse(text);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    // The parser's message quotes the file, which has passwords.
    const why = error instanceof SyntaxError ? `it is no JSON from ${jsonPosition(text)}` : (error as Error).message;
    if (!missing || named !== undefined) throw new ConfigError(`Cannot read ${path}: ${why}`);
  }
  if (!isObject(value)) throw new ConfigError(`${path}: the configuration must be a JSON object`);
  return value;
}

/** The environment variable of a key: `MPLUS_DATA_DIR` of `dataDir`. */
export function variableOf(prefix: string, name: string): string {
  return `${prefix}_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
}

/** The text of a key's variable, which may also be written `MPLUS_DATADIR`. */
export function variableText(env: NodeJS.ProcessEnv, prefix: string, name: string): string | undefined {
  return env[variableOf(prefix, name)] ?? env[`${prefix}_${name.toUpperCase()}`];
}

/**
 * A scalar as it is given: the text of its variable, or the file's value.
 * @param path as in `["server", "tls", "cert"]`
 */
export function givenAt(file: Record<string, unknown>, env: NodeJS.ProcessEnv, path: readonly string[]): unknown {
  const name = path.at(-1) as string;
  const prefix = path.slice(0, -1).reduce(variableOf, PREFIX);
  const text = variableText(env, prefix, name);
  return text ?? path.reduce<unknown>((group, key) => (isObject(group) ? group[key] : undefined), file);
}
