import { randomInt } from "node:crypto";
import { newBatchId } from "../message/id.ts";
import { Rejected } from "../runtime/errors.ts";
import { hashPassword, newPassword } from "../runtime/password.ts";
import { findAccount, lockAccount } from "../store/accounts/accounts.ts";
import { audit, type By } from "../store/accounts/audit.ts";
import {
  deleteSmppCredential,
  insertSmppCredential,
  listSmppCredentials,
  replaceSmppPassword,
  type SmppCredential,
  type SmppCredentialRow,
  updateSmppCredential,
} from "../store/accounts/smpp-credentials.ts";
import { type Database, transaction } from "../store/database.ts";
import { isUniqueViolation } from "../store/errors.ts";
import { wakeOthers } from "../store/wakeups.ts";
import type { StoreOptions } from "./store-options.ts";

/** Most credentials of an account. */
export const MOST_CREDENTIALS = 100;

export const CREDENTIAL_DEFAULTS = {
  binds: 4,
  window: 100,
  throughput: null,
  allow: [],
  alphabet: "gsm",
} as const satisfies Partial<Record<keyof SmppCredential, unknown>>;

/** The settings of a credential. */
export type SmppCredentialFields = Partial<Omit<SmppCredential, "identifier">>;

/** The credentials with which an account's software binds over SMPP. Every change holds at once for existing binds. */
export class SmppCredentials {
  readonly #options: StoreOptions;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /**
   * Makes a credential; only this result has its password.
   * @throws Rejected `not-found`, `too-many-credentials`, `system-id-used`
   */
  async create(
    by: By,
    account: string,
    { systemId, ...fields }: SmppCredentialFields,
  ): Promise<{ identifier: string; systemId: string; password: string }> {
    const password = newPassword();
    const hash = await hashPassword(password);
    const identifier = newBatchId(this.#options.clock.now());
    const { organizationId } = by;
    return transaction(this.#options.databaseOf(organizationId), async (client) => {
      const row = await lockAccount(client, organizationId, account);
      if (row === null || row.deleted) throw new Rejected("not-found", "There is no such account.");
      if ((await listSmppCredentials(client, row.id)).length >= MOST_CREDENTIALS) {
        throw new Rejected("too-many-credentials", `There are ${MOST_CREDENTIALS}; delete one to add another.`);
      }
      const made = {
        ...CREDENTIAL_DEFAULTS,
        ...fields,
        allow: fields.allow ?? [],
        identifier,
        systemId: systemId ?? newSystemId(),
      };
      if (!(await insertSmppCredential(client, row.id, made, hash))) throw systemIdUsed(made.systemId);
      await audit(client, by, "smpp.create", identifier);
      return { identifier, systemId: made.systemId, password };
    });
  }

  /** The newest first. @throws Rejected `not-found` */
  async list(organizationId: number, account: string): Promise<SmppCredentialRow[]> {
    const database = this.#options.databaseOf(organizationId);
    return listSmppCredentials(database, await this.#accountId(organizationId, account));
  }

  /** @throws Rejected `not-found`, `system-id-used` */
  async change(by: By, account: string, identifier: string, fields: SmppCredentialFields): Promise<void> {
    const accountId = await this.#accountId(by.organizationId, account);
    const work = async (client: Database): Promise<void> => {
      if (!(await updateSmppCredential(client, accountId, identifier, fields))) throw noSuchCredential();
      await audit(client, by, "smpp.change", identifier);
    };
    await this.#changed(by, work).catch((error: unknown) => {
      throw isUniqueViolation(error) ? systemIdUsed(fields.systemId ?? "") : error;
    });
  }

  /** Makes a new password; the one before it works for the grace. @throws Rejected `not-found` */
  async rotatePassword(by: By, account: string, identifier: string, graceSeconds: number): Promise<string> {
    const accountId = await this.#accountId(by.organizationId, account);
    const password = newPassword();
    const hash = await hashPassword(password);
    await this.#changed(by, async (client) => {
      if (!(await replaceSmppPassword(client, accountId, identifier, hash, graceSeconds))) throw noSuchCredential();
      await audit(client, by, "smpp.rotate-password", identifier);
    });
    return password;
  }

  /** Ends its binds too. @throws Rejected `not-found` */
  async remove(by: By, account: string, identifier: string): Promise<void> {
    const accountId = await this.#accountId(by.organizationId, account);
    await this.#changed(by, async (client) => {
      if (!(await deleteSmppCredential(client, accountId, identifier))) throw noSuchCredential();
      await audit(client, by, "smpp.delete", identifier);
    });
  }

  async #changed({ organizationId }: By, work: (client: Database) => Promise<void>): Promise<void> {
    const database = this.#options.databaseOf(organizationId);
    await transaction(database, work);
    await wakeOthers(database, "smpp");
  }

  async #accountId(organizationId: number, account: string): Promise<number> {
    const row = await findAccount(this.#options.databaseOf(organizationId), organizationId, account);
    if (row === null || row.deleted) throw new Rejected("not-found", "There is no such account.");
    return row.id;
  }
}

function newSystemId(): string {
  return `mp${String(randomInt(1e10)).padStart(10, "0")}`;
}

function noSuchCredential(): Rejected {
  return new Rejected("not-found", "The account has no such credential.");
}

function systemIdUsed(systemId: string): Rejected {
  const fault = { path: "system_id", message: "is used already" };
  return new Rejected("system-id-used", `The system_id ${JSON.stringify(systemId)} is used already.`, [fault]);
}
