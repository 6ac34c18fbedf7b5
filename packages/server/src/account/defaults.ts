import type { Pool } from "pg";
import { newBatchId } from "../message/id.ts";
import { hashKey, newKey } from "../runtime/api-key.ts";
import { insertAccount } from "../store/accounts/accounts.ts";
import { endOwnKeys, type KeyHolder } from "../store/accounts/api-keys.ts";
import {
  defaultAccount,
  defaultOrganization,
  keyState,
  lockDefaults,
  markDefault,
  storeIsEmpty,
} from "../store/accounts/default-accounts.ts";
import { insertOrganization } from "../store/accounts/organizations.ts";
import { type Database, transaction } from "../store/database.ts";
import { enterKey } from "./keys.ts";
import { type DefaultKeys, keysFile, readKeys, writeKeys } from "./keys-file.ts";

/** A configured key was revoked before, and the configuration cannot revive it. */
export class RevokedKeyError extends Error {
  override readonly name = "RevokedKeyError";
}

export interface Defaults {
  /** The configured keys, or those of `keys.json` that work. */
  keys: DefaultKeys;
  /** Sentences about them for the operator. */
  notes: string[];
}

const WORDS = { organizationKey: "organization key", accountKey: "account key" } as const;

/**
 * Makes sure that somebody can send: the configured default organization and account, or, on an empty store without them,
 * ones with fresh keys, which are written to `keys.json` in the data directory (mode 0600) before they are committed. A new
 * configured key replaces the default organization's or account's own.
 * @throws RevokedKeyError
 */
export async function ensureDefaults(
  pool: Pool,
  configured: DefaultKeys,
  dataDir: string,
  now: number,
): Promise<Defaults> {
  return transaction(pool, async (client) => {
    await lockDefaults(client);
    let { organizationKey, accountKey } = configured;
    if (organizationKey === null && accountKey === null) {
      if (!(await storeIsEmpty(client))) return keptKeys(client, dataDir);
      organizationKey = newKey();
      accountKey = newKey();
      await writeKeys(dataDir, { organizationKey, accountKey });
    }
    const known = {
      organizationKey: await knownKey(client, "organizationKey", organizationKey),
      accountKey: await knownKey(client, "accountKey", accountKey),
    };
    let organizationId = known.organizationKey?.organizationId ?? known.accountKey?.organizationId ?? null;
    organizationId ??= await defaultOrganization(client);
    if (organizationId === null) {
      const organization = { identifier: newBatchId(now), name: "default", credits: false, balance: 0 };
      organizationId = await insertOrganization(client, organization);
      await markDefault(client, "organization", organizationId);
    }
    const notes: string[] = [];
    const replace = async (name: keyof DefaultKeys, key: string, holder: KeyHolder): Promise<void> => {
      const ended = await endOwnKeys(client, holder, 0);
      await enterKey(client, holder, key, now);
      if (ended > 0) notes.push(`${name} is new: the ${WORDS[name]} before it no longer works`);
    };
    if (organizationKey !== null && known.organizationKey === null) {
      await replace("organizationKey", organizationKey, { organizationId, accountId: null });
    }
    if (accountKey !== null && known.accountKey === null) {
      let accountId = await defaultAccount(client, organizationId);
      if (accountId === null) {
        accountId = await insertAccount(client, newBatchId(now), organizationId, "default");
        await markDefault(client, "account", accountId);
      }
      await replace("accountKey", accountKey, { organizationId, accountId });
    }
    return { keys: { organizationKey, accountKey }, notes };
  });
}

/** The holder of a configured key; null for no key and for a new one. @throws RevokedKeyError */
export async function knownKey(db: Database, name: keyof DefaultKeys, key: string | null): Promise<KeyHolder | null> {
  const state = key === null ? null : await keyState(db, hashKey(key));
  if (state?.live === false) {
    throw new RevokedKeyError(`${name} was revoked (or its account deactivated); configure another, or none`);
  }
  if (state !== null && (state.accountId !== null) !== (name === "accountKey")) {
    throw new RevokedKeyError(`${name} is in use as a key of the other kind; configure another, or none`);
  }
  return state;
}

/** Keys of `keys.json` that work on this store. */
export async function keptKeys(db: Database, dataDir: string): Promise<Defaults> {
  const keys = await readKeys(dataDir);
  const notes: string[] = [];
  for (const name of ["organizationKey", "accountKey"] as const) {
    const key = keys[name];
    const state = key === null ? null : await keyState(db, hashKey(key));
    if (key === null || state?.live === true) continue;
    keys[name] = null;
    notes.push(`the ${WORDS[name]} in ${keysFile(dataDir)} no longer works: it was replaced or revoked`);
  }
  return { keys, notes };
}
