import { newBatchId } from "../message/id.ts";
import { hashKey, newKey } from "../runtime/api-key.ts";
import { Rejected } from "../runtime/errors.ts";
import { findAccount } from "../store/accounts/accounts.ts";
import {
  endOwnKeys,
  insertKey,
  type KeyHolder,
  type KeyRow,
  type KeyScope,
  listKeys,
  revokeKey,
} from "../store/accounts/api-keys.ts";
import { audit, type By } from "../store/accounts/audit.ts";
import { lockOrganization } from "../store/accounts/organizations.ts";
import { type Database, transaction } from "../store/database.ts";
import type { StoreOptions } from "./store-options.ts";

/** Most live keys of an account, or of an organization beside its accounts. */
export const MOST_KEYS = 100;
/** Characters of a key that are kept, so that people can tell their keys apart. */
const PREFIX = 6;

/** A further key with a name, beside its holder's own. */
export interface NamedKey {
  name: string;
  scope: KeyScope;
}

/** The further keys of organizations and of their accounts. */
export class Keys {
  readonly #options: StoreOptions;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /**
   * Makes a key, which only this result has.
   * @param account the account's identifier; null for a key of the organization
   * @throws Rejected `not-found`, `too-many-keys`
   */
  async create(
    by: By,
    account: string | null,
    { name, scope }: NamedKey,
  ): Promise<{ identifier: string; apiKey: string }> {
    return this.#locked(by.organizationId, account, async (db, holder) => {
      mustHaveRoom((await listKeys(db, holder)).length + 1);
      const made = await enterNewKey(db, holder, this.#options.clock.now(), { name, scope });
      await audit(db, by, "key.create", made.identifier);
      return made;
    });
  }

  /**
   * The live keys, the newest first.
   * @throws Rejected `not-found`
   */
  async list(organizationId: number, account: string | null): Promise<KeyRow[]> {
    const database = this.#options.databaseOf(organizationId);
    return listKeys(database, await holderOf(database, organizationId, account));
  }

  /**
   * Stops the key at once.
   * @throws Rejected `not-found`; `last-admin-key` if nobody could manage the organization any more
   */
  async revoke(by: By, account: string | null, identifier: string): Promise<void> {
    await this.#locked(by.organizationId, account, async (db, holder) => {
      const keys = await listKeys(db, holder);
      const key = keys.find((one) => one.identifier === identifier);
      if (key === undefined) throw new Rejected("not-found", "There is no such key.");
      const lasting = keys.filter(({ scope, expiresAt }) => scope === "admin" && expiresAt === null);
      if (account === null && lasting.length === 1 && lasting[0] === key) {
        throw new Rejected("last-admin-key", "This is the organization's last admin key; make another one first.");
      }
      await revokeKey(db, identifier);
      await audit(db, by, "key.revoke", identifier);
    });
    await this.#options.keysChanged();
  }

  #locked<Result>(
    organizationId: number,
    account: string | null,
    work: (db: Database, holder: KeyHolder) => Promise<Result>,
  ): Promise<Result> {
    return transaction(this.#options.databaseOf(organizationId), async (client) => {
      await lockOrganization(client, organizationId);
      return work(client, await holderOf(client, organizationId, account));
    });
  }
}

/** @throws Rejected `not-found`, also for a deactivated account */
async function holderOf(db: Database, organizationId: number, account: string | null): Promise<KeyHolder> {
  if (account === null) return { organizationId, accountId: null };
  const row = await findAccount(db, organizationId, account);
  if (row === null || row.deleted) throw new Rejected("not-found", "There is no such account.");
  return { organizationId, accountId: row.id };
}

/** Makes a key and stores it; without a name it is its holder's own. */
export async function enterNewKey(
  db: Database,
  holder: KeyHolder,
  now: number,
  named?: NamedKey,
): Promise<{ identifier: string; apiKey: string }> {
  const apiKey = newKey();
  return { identifier: await enterKey(db, holder, apiKey, now, named), apiKey };
}

/** Stores a chosen key; returns its identifier. */
export async function enterKey(
  db: Database,
  holder: KeyHolder,
  key: string,
  now: number,
  { name, scope }: { name: string | null; scope: KeyScope } = { name: null, scope: "admin" },
): Promise<string> {
  const identifier = newBatchId(now);
  await insertKey(db, holder, { hash: hashKey(key), prefix: key.slice(0, PREFIX), identifier, name, scope });
  return identifier;
}

/**
 * Makes a new own key for a holder; the ones before it end after the grace.
 * @throws Rejected `too-many-keys`
 */
export async function replaceOwnKey(
  db: Database,
  holder: KeyHolder,
  now: number,
  graceSeconds: number,
): Promise<string> {
  await endOwnKeys(db, holder, graceSeconds);
  mustHaveRoom((await listKeys(db, holder)).length + 1);
  return (await enterNewKey(db, holder, now)).apiKey;
}

function mustHaveRoom(count: number): void {
  if (count > MOST_KEYS) throw new Rejected("too-many-keys", `There are ${MOST_KEYS} keys; revoke one to add another.`);
}
