import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { shellWord } from "../runtime/shell-word.ts";
import type { ConfigSources } from "./given.ts";

/** A file with secrets that others than its owner can read. */
export interface ExposedFile {
  file: string;
  /** In the form of `chmod`: 0644. */
  mode: string;
  /** The command that fixes it. */
  remedy: string;
}

/** Names of keys whose values give access. */
const SECRET = /(?:key|password|secret|token)$/i;
/** A URL that carries a password. */
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]*:[^/?#@]+@/i;
/** Names of keys that name a file with a secret. */
const SECRET_FILE = /^credentialsFile$/;

/**
 * The configuration file, if it has a key, a password or the like, and the key files that it names, if others on this
 * machine may read them. Nothing on systems without such modes (Windows); values of the environment are in no file.
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
  return [...new Set(files)].flatMap(exposedFile);
}

/** Empty for a file that is not there, or that its owner alone may read. */
export function exposedFile(file: string): ExposedFile[] {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || (stats.mode & 0o077) === 0) return [];
  const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
  return [{ file, mode, remedy: `chmod 600 ${shellWord(file)}` }];
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
    // Under `tls`, a key is the name of a file.
    else if (SECRET_FILE.test(name) || (parent === "tls" && name === "key")) files.push(item);
    else any ||= SECRET.test(name) || URL_WITH_PASSWORD.test(item);
  }
  return { any, files };
}
