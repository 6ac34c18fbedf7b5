import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { ConfigSources } from "./given.ts";

/** A file with secrets in it that its owner is not alone to read. */
export interface ExposedFile {
  file: string;
  /** As `chmod` writes it: 0644. */
  mode: string;
  /** The command that mends it. */
  remedy: string;
}

/** Names of keys whose values let somebody in. */
const SECRET = /(?:key|password|secret|token)$/i;
/** A URL that carries a password. */
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]*:[^/?#@]+@/i;
/** Names of keys that name a file whose content is one. */
const SECRET_FILE = /^credentialsFile$/;

/**
 * Of the configuration file, where it holds a key, a password or the like, and of the files with keys that it names,
 * those that others on this machine may read. Nothing where the system has no such modes (Windows); what the environment
 * holds is no file's.
 */
export function exposedFiles({ file: named, env, cwd }: Omit<ConfigSources, "overrides">): ExposedFile[] {
  if (process.platform === "win32") return [];
  const file = resolve(cwd, named ?? env.MPLUS_CONFIG ?? "messaging-plus.json");
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return [];
  }
  const found = secretsIn(value);
  const files = [...(found.any ? [file] : []), ...found.files.map((path) => resolve(cwd, path))];
  return [...new Set(files)].flatMap(exposed);
}

function exposed(file: string): ExposedFile[] {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || (stats.mode & 0o077) === 0) return [];
  const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
  const quoted = /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
  return [{ file, mode, remedy: `chmod 600 ${quoted}` }];
}

function secretsIn(value: unknown, parent = ""): { any: boolean; files: string[] } {
  if (typeof value !== "object" || value === null) return { any: false, files: [] };
  let any = false;
  const files: string[] = [];
  for (const [name, item] of Object.entries(value)) {
    if (typeof item !== "string") {
      const inner = secretsIn(item, name);
      any ||= inner.any;
      files.push(...inner.files);
    } else if (item === "") continue;
    // Under `tls` a key is the name of a file.
    else if (SECRET_FILE.test(name) || (parent === "tls" && name === "key")) files.push(item);
    else any ||= SECRET.test(name) || URL_WITH_PASSWORD.test(item);
  }
  return { any, files };
}
