import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pool } from "pg";
import { newBatchId } from "../message/id.ts";
import { hashKey, newKey } from "../runtime/api-key.ts";
import { insertAccount } from "../store/accounts/accounts.ts";
import { insertKey } from "../store/accounts/api-keys.ts";
import { keyState, lockDefaults, storeIsEmpty } from "../store/accounts/default-accounts.ts";
import { insertOrganization } from "../store/accounts/organizations.ts";
import { transaction } from "../store/database.ts";

/** The keys of the default organization and account; null where they are not known to this program. */
export interface DefaultKeys {
  organizationKey: string | null;
  accountKey: string | null;
}

/** A configured key was revoked before, and no configuration revives it. */
export class RevokedKeyError extends Error {
  override readonly name = "RevokedKeyError";
}

const FILE = "keys.json";

/**
 * Sees to it that there is somebody who can send: the configured default organization and account, or, on an empty
 * store without them, ones with fresh keys, which are written to `keys.json` in the data directory (mode 0600) before
 * they are committed. Answers the keys that are configured or stand in that file and work.
 * @throws RevokedKeyError
 */
export async function ensureDefaults(
  pool: Pool,
  configured: DefaultKeys,
  dataDir: string,
  now: number,
): Promise<DefaultKeys> {
  return transaction(pool, async (client) => {
    await lockDefaults(client);
    let { organizationKey, accountKey } = configured;
    if (organizationKey === null && accountKey === null) {
      if (!(await storeIsEmpty(client))) return readKeys(dataDir);
      organizationKey = newKey();
      accountKey = newKey();
      await writeKeys(dataDir, { organizationKey, accountKey });
    }
    let organizationId: number | null = null;
    for (const [name, key] of Object.entries({ organizationKey, accountKey })) {
      if (key === null) continue;
      const state = await keyState(client, hashKey(key));
      if (state?.live === false) {
        throw new RevokedKeyError(`${name} was revoked (or its account deactivated); configure another, or none`);
      }
      if (state !== null && (state.accountId !== null) !== (name === "accountKey")) {
        throw new RevokedKeyError(`${name} is in use as a key of the other kind; configure another, or none`);
      }
      organizationId ??= state?.organizationId ?? null;
    }
    const organization = { identifier: newBatchId(now), name: "default", credits: false, balance: 0 };
    organizationId ??= await insertOrganization(client, organization);
    if (organizationKey !== null && (await keyState(client, hashKey(organizationKey))) === null) {
      await insertKey(client, hashKey(organizationKey), organizationId, null);
    }
    if (accountKey !== null && (await keyState(client, hashKey(accountKey))) === null) {
      const accountId = await insertAccount(client, newBatchId(now), organizationId, "default");
      await insertKey(client, hashKey(accountKey), organizationId, accountId);
    }
    return { organizationKey, accountKey };
  });
}

async function readKeys(dataDir: string): Promise<DefaultKeys> {
  try {
    const { organizationKey = null, accountKey = null } = JSON.parse(await readFile(join(dataDir, FILE), "utf8"));
    return { organizationKey, accountKey };
  } catch {
    return { organizationKey: null, accountKey: null };
  }
}

async function writeKeys(dataDir: string, keys: DefaultKeys): Promise<void> {
  const path = join(dataDir, FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}
