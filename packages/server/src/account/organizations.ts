import type { Pool } from "pg";
import { newBatchId } from "../message/id.ts";
import type { Clock } from "../runtime/clock.ts";
import { invalid, Rejected } from "../runtime/errors.ts";
import { setPriced } from "../store/accounts/accounts.ts";
import { audit, type By } from "../store/accounts/audit.ts";
import { enterMovements } from "../store/accounts/ledger.ts";
import {
  insertOrganization,
  listOrganizations,
  lockOrganizationNamed,
  type OrganizationRow,
  updateOrganization,
} from "../store/accounts/organizations.ts";
import { transaction } from "../store/database.ts";
import { MOST_CREDITS } from "./credits.ts";
import { enterNewKey, replaceOwnKey } from "./keys.ts";

/** An organization as the operator sees it. */
export type Organization = Omit<OrganizationRow, "id">;

export interface NewOrganization {
  name: string;
  credits: boolean;
  balance: number;
}

export interface OrganizationChange {
  name?: string;
  credits?: boolean;
  /** Credits to add; negative ones are taken back. */
  add?: number;
}

/** The operator's key, by its name. */
export type Operator = Pick<By, "keyName">;

/** The operator's operations: customers, whether they are priced, and their credits. */
export class Organizations {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #keysChanged: () => Promise<void>;

  /** @param keysChanged drops keys from all memories; resolves once no process trusts the old ones */
  constructor(pool: Pool, clock: Clock, keysChanged: () => Promise<void>) {
    this.#pool = pool;
    this.#clock = clock;
    this.#keysChanged = keysChanged;
  }

  /** Only this result has the key. */
  async create(
    by: Operator,
    { name, credits, balance }: NewOrganization,
  ): Promise<{ identifier: string; apiKey: string }> {
    const now = this.#clock.now();
    const identifier = newBatchId(now);
    return transaction(this.#pool, async (client) => {
      const organizationId = await insertOrganization(client, { identifier, name, credits, balance });
      const { apiKey } = await enterNewKey(client, { organizationId, accountId: null }, now);
      await audit(client, { keyName: by.keyName, organizationId }, "organization.create", identifier);
      if (balance === 0) return { identifier, apiKey };
      const movement = {
        organizationId,
        accountId: null,
        kind: "add" as const,
        credits: balance,
        balance,
        batch: null,
      };
      await enterMovements(client, [movement]);
      return { identifier, apiKey };
    });
  }

  /**
   * Makes a new own key; the one before it ends after the grace.
   * @throws Rejected `not-found`, `too-many-keys`
   */
  async rotateKey({ keyName }: Operator, identifier: string, graceSeconds: number): Promise<string> {
    const apiKey = await transaction(this.#pool, async (client) => {
      const row = await lockOrganizationNamed(client, identifier);
      if (row === null) throw new Rejected("not-found", "There is no such organization.");
      await audit(client, { keyName, organizationId: row.id }, "organization.rotate-key", identifier);
      return replaceOwnKey(client, { organizationId: row.id, accountId: null }, this.#clock.now(), graceSeconds);
    });
    await this.#keysChanged();
    return apiKey;
  }

  /** In the order in which they were made, after the one with the identifier `after`. */
  async list(after: string | null, limit: number): Promise<{ items: Organization[]; next: string | null }> {
    const rows = await listOrganizations(this.#pool, after, limit + 1);
    const items = rows.slice(0, limit).map(({ identifier, name, credits, balance }) => {
      return { identifier, name, credits, balance };
    });
    return { items, next: rows.length > limit ? (items.at(-1)?.identifier ?? null) : null };
  }

  /**
   * From the moment that credits are switched on or off, every request is priced accordingly.
   * @throws Rejected `not-found`, `credits-short` if fewer credits are there than are taken back, `invalid-request`
   */
  async change(
    { keyName }: Operator,
    identifier: string,
    { name, credits, add = 0 }: OrganizationChange,
  ): Promise<void> {
    const repriced = await transaction(this.#pool, async (client) => {
      const row = await lockOrganizationNamed(client, identifier);
      if (row === null) throw new Rejected("not-found", "There is no such organization.");
      const balance = row.balance + add;
      if (add < 0 && balance < 0) throw new Rejected("credits-short", `The organization has ${row.balance} credits.`);
      if (add > 0 && balance > MOST_CREDITS) {
        const fault = { path: "balance.add", message: `must leave the balance at or below ${MOST_CREDITS}` };
        throw invalid([fault]);
      }
      const changed = { ...row, name: name ?? row.name, credits: credits ?? row.credits, balance };
      await updateOrganization(client, changed);
      await audit(client, { keyName, organizationId: row.id }, "organization.change", identifier);
      if (add !== 0) {
        const movement = { kind: "add" as const, credits: add, balance, batch: null };
        await enterMovements(client, [{ organizationId: row.id, accountId: null, ...movement }]);
      }
      if (changed.credits === row.credits) return false;
      await setPriced(client, row.id, changed.credits);
      return true;
    });
    if (repriced) await this.#keysChanged();
  }
}
