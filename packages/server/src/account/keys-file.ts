import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KEY } from "../runtime/api-key.ts";

/** The keys of the default organization and account; null if unknown. */
export interface DefaultKeys {
  organizationKey: string | null;
  accountKey: string | null;
}

/** The file with the keys that a first start has made. */
export function keysFile(dataDir: string): string {
  return join(dataDir, "keys.json");
}

/** The keys in the file; nulls without a readable file. */
export async function readKeys(dataDir: string): Promise<DefaultKeys> {
  try {
    const { organizationKey, accountKey } = JSON.parse(await readFile(keysFile(dataDir), "utf8"));
    return { organizationKey: keyOrNull(organizationKey), accountKey: keyOrNull(accountKey) };
  } catch {
    return { organizationKey: null, accountKey: null };
  }
}

/** Only its owner can read the file. */
export async function writeKeys(dataDir: string, keys: DefaultKeys): Promise<void> {
  const path = keysFile(dataDir);
  await writeFile(`${path}.new`, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}

function keyOrNull(value: unknown): string | null {
  return typeof value === "string" && KEY.test(value) ? value : null;
}
