import type { PoolClient } from "pg";
import { newBatchId } from "../message/id.ts";
import { invalid, Rejected } from "../runtime/errors.ts";
import {
  type AccountRow,
  findAccount,
  insertAccount,
  listAccounts,
  lockAccount,
  updateAccount,
} from "../store/accounts/accounts.ts";
import { audit, type By } from "../store/accounts/audit.ts";
import {
  enterMovements,
  type LedgerItem,
  type LedgerPlace,
  listLedger,
  type Movement,
} from "../store/accounts/ledger.ts";
import { lockOrganization, type OrganizationRow, updateOrganization } from "../store/accounts/organizations.ts";
import { refundAccount } from "../store/accounts/refund-account.ts";
import { transaction } from "../store/database.ts";
import { cancelPendingBatches } from "../store/messages/pending-batches.ts";
import { MOST_CREDITS } from "./credits.ts";
import { enterNewKey, replaceOwnKey } from "./keys.ts";
import type { StoreOptions } from "./store-options.ts";

/** An account as its organization sees it. */
export interface Account {
  identifier: string;
  name: string;
  credits: number;
  overdraft: boolean;
  deleted: boolean;
}

export interface AccountChange {
  name?: string;
  overdraft?: boolean;
  /** False: reactivate it. */
  deleted?: false;
}

/** An organization's operations on its accounts. */
export class Accounts {
  readonly #options: StoreOptions;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Only this result has the key. */
  async create(by: By, name: string): Promise<{ identifier: string; apiKey: string }> {
    const now = this.#options.clock.now();
    const identifier = newBatchId(now);
    const { organizationId } = by;
    return transaction(this.#options.databaseOf(organizationId), async (client) => {
      const accountId = await insertAccount(client, identifier, organizationId, name);
      await audit(client, by, "account.create", identifier);
      const { apiKey } = await enterNewKey(client, { organizationId, accountId }, now);
      return { identifier, apiKey };
    });
  }

  /** Deactivated ones too. */
  async list(organizationId: number): Promise<Account[]> {
    return (await listAccounts(this.#options.databaseOf(organizationId), organizationId)).map(shown);
  }

  /** @throws Rejected `not-found` */
  async get(organizationId: number, identifier: string): Promise<Account> {
    const row = await findAccount(this.#options.databaseOf(organizationId), organizationId, identifier);
    if (row === null) throw notFound();
    return shown(row);
  }

  /**
   * Moves credits from the organization to the account. Without prices balances only count: the organization's may then go
   * below zero.
   * @throws Rejected `not-found`, `credits-short`, `invalid-request`
   */
  async topUp(by: By, identifier: string, credits: number): Promise<void> {
    await this.#locked(by.organizationId, identifier, async (client, organization, account) => {
      if (account.deleted) throw notFound();
      if (organization.credits && organization.balance < credits) {
        throw new Rejected("credits-short", `The organization has ${organization.balance} credits.`);
      }
      if (account.balance + credits > MOST_CREDITS || organization.balance - credits < -MOST_CREDITS) {
        const fault = { path: "topup", message: `must leave the balance at or below ${MOST_CREDITS}` };
        throw invalid([fault]);
      }
      await move(client, organization, account, "topup", credits);
      await audit(client, by, "account.topup", identifier);
    });
  }

  /** @throws Rejected `not-found`; also for a deactivated account, unless it is being reactivated */
  async change(by: By, identifier: string, change: AccountChange): Promise<void> {
    const revived = await this.#locked(by.organizationId, identifier, async (client, _organization, account) => {
      if (account.deleted && change.deleted !== false) throw notFound();
      await updateAccount(client, { ...account, ...change });
      await audit(client, by, "account.change", identifier);
      return account.deleted;
    });
    if (revived) await this.#options.keysChanged();
  }

  /**
   * Stops its keys, cancels its scheduled batches, returns its credits to the organization. Messages that were accepted to be
   * sent at once, or are being sent, are still sent.
   * @throws Rejected `not-found`, also if it is deactivated already
   */
  async deactivate(by: By, identifier: string): Promise<void> {
    await this.#locked(by.organizationId, identifier, async (client, organization, account) => {
      if (account.deleted) throw notFound();
      await audit(client, by, "account.deactivate", identifier);
      const cancelled = (await cancelPendingBatches(client, account.id)).filter(({ cost }) => cost > 0);
      const balance = cancelled.length === 0 ? account.balance : await refundAccount(client, account.id, cancelled);
      const deleted = { ...account, balance, deleted: true };
      if (balance === 0) await updateAccount(client, deleted);
      else await move(client, organization, deleted, "return", -balance);
    });
    await this.#options.keysChanged();
  }

  /**
   * Makes a new own key; the one before it ends after the grace.
   * @throws Rejected `not-found`, `too-many-keys`
   */
  async rotateKey(by: By, identifier: string, graceSeconds: number): Promise<string> {
    const { organizationId } = by;
    const apiKey = await this.#locked(organizationId, identifier, async (client, _organization, account) => {
      if (account.deleted) throw notFound();
      await audit(client, by, "account.rotate-key", identifier);
      return replaceOwnKey(client, { organizationId, accountId: account.id }, this.#options.clock.now(), graceSeconds);
    });
    await this.#options.keysChanged();
    return apiKey;
  }

  /**
   * The movements of its credits, the newest first.
   * @throws Rejected `not-found`
   */
  async ledger(
    organizationId: number,
    identifier: string,
    after: LedgerPlace | null,
    limit: number,
  ): Promise<{ items: LedgerItem[]; next: LedgerPlace | null }> {
    const database = this.#options.databaseOf(organizationId);
    const account = await findAccount(database, organizationId, identifier);
    if (account === null) throw notFound();
    const rows = await listLedger(database, account.id, after, limit + 1);
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? (items.at(-1) ?? null) : null };
  }

  #locked<Result>(
    organizationId: number,
    identifier: string,
    work: (client: PoolClient, organization: OrganizationRow, account: AccountRow) => Promise<Result>,
  ): Promise<Result> {
    return transaction(this.#options.databaseOf(organizationId), async (client) => {
      const organization = await lockOrganization(client, organizationId);
      const account = await lockAccount(client, organizationId, identifier);
      if (account === null) throw notFound();
      return work(client, organization, account);
    });
  }
}

/** Moves credits from an organization to one of its accounts; negative ones back. */
async function move(
  client: PoolClient,
  organization: OrganizationRow,
  account: AccountRow,
  kind: Movement["kind"],
  credits: number,
): Promise<void> {
  const [left, balance] = [organization.balance - credits, account.balance + credits];
  await updateOrganization(client, { ...organization, balance: left });
  await updateAccount(client, { ...account, balance });
  const common = { organizationId: organization.id, kind, batch: null };
  await enterMovements(client, [
    { ...common, accountId: null, credits: -credits, balance: left },
    { ...common, accountId: account.id, credits, balance },
  ]);
}

function shown({ identifier, name, balance, overdraft, deleted }: AccountRow): Account {
  return { identifier, name, credits: balance, overdraft, deleted };
}

function notFound(): Rejected {
  return new Rejected("not-found", "There is no such account.");
}
