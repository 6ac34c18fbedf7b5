import type { Database } from "../database.ts";

/** The alphabet of a text with data_coding 0. */
export type DefaultAlphabet = "gsm" | "latin1" | "ascii";

/** A customer's credential, and its limits. */
export interface SmppCredential {
  identifier: string;
  systemId: string;
  /** Binds at one time. */
  binds: number;
  /** Submits of one bind that may be without an answer. */
  window: number;
  /** Submits a second of all binds; null where there is no limit. */
  throughput: number | null;
  /** Addresses and networks that it may bind from; empty: any. */
  allow: string[];
  alphabet: DefaultAlphabet;
}

export interface SmppCredentialRow extends SmppCredential {
  createdAt: Date;
}

/** The fields of a credential that decide about a bind. */
export interface SmppLogin extends SmppCredential {
  accountId: number;
  organizationId: number;
  account: string;
  organization: string;
  priced: boolean;
  /** Whether the account is deactivated. */
  deleted: boolean;
  hash: Buffer;
  /** The password before, while it still works. */
  formerHash: Buffer | null;
}

const COLUMNS = `c.identifier, c.system_id AS "systemId", c.binds, c.submit_window AS "window", c.throughput, c.allow,
       c.alphabet`;

/** False where the system_id is somebody's already. */
export async function insertSmppCredential(
  db: Database,
  accountId: number,
  { identifier, systemId, binds, window, throughput, allow, alphabet }: SmppCredential,
  hash: Buffer,
): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `INSERT INTO smpp_credential
             (identifier, account_id, system_id, hash, binds, submit_window, throughput, allow, alphabet)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (system_id) DO NOTHING`,
    values: [identifier, accountId, systemId, hash, binds, window, throughput, allow, alphabet],
  });
  return rowCount === 1;
}

/** An account's, the newest first. */
export async function listSmppCredentials(db: Database, accountId: number): Promise<SmppCredentialRow[]> {
  const { rows } = await db.query<SmppCredentialRow>({
    text: `SELECT ${COLUMNS}, c.created_at AS "createdAt" FROM smpp_credential c
           WHERE c.account_id = $1 ORDER BY c.identifier DESC`,
    values: [accountId],
  });
  return rows;
}

/** Fields that are left out stay as they are; null is a value. False where the account has no such credential. */
export async function updateSmppCredential(
  db: Database,
  accountId: number,
  identifier: string,
  { systemId, binds, window, throughput, allow, alphabet }: Partial<SmppCredential>,
): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `UPDATE smpp_credential
           SET system_id = coalesce($3, system_id), binds = coalesce($4, binds),
               submit_window = coalesce($5, submit_window),
               throughput = CASE WHEN $6 THEN $7::float8 ELSE throughput END, allow = coalesce($8, allow),
               alphabet = coalesce($9, alphabet)
           WHERE identifier = $1 AND account_id = $2`,
    values: [
      identifier,
      accountId,
      systemId ?? null,
      binds ?? null,
      window ?? null,
      throughput !== undefined,
      throughput ?? null,
      allow ?? null,
      alphabet ?? null,
    ],
  });
  return rowCount === 1;
}

/** A new password; the one before it works for the grace. False where the account has no such credential. */
export async function replaceSmppPassword(
  db: Database,
  accountId: number,
  identifier: string,
  hash: Buffer,
  graceSeconds: number,
): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `UPDATE smpp_credential
           SET former_hash = CASE WHEN $4 > 0 THEN hash END,
               former_until = CASE WHEN $4 > 0 THEN now() + $4 * interval '1 second' END, hash = $3
           WHERE identifier = $1 AND account_id = $2`,
    values: [identifier, accountId, hash, graceSeconds],
  });
  return rowCount === 1;
}

export async function deleteSmppCredential(db: Database, accountId: number, identifier: string): Promise<boolean> {
  const { rowCount } = await db.query({
    text: "DELETE FROM smpp_credential WHERE identifier = $1 AND account_id = $2",
    values: [identifier, accountId],
  });
  return rowCount === 1;
}

const LOGIN = `
SELECT ${COLUMNS}, c.account_id AS "accountId", a.organization_id AS "organizationId", a.identifier AS account,
       o.identifier AS organization, a.priced, a.deleted_at IS NOT NULL AS deleted, c.hash,
       CASE WHEN c.former_until > now() THEN c.former_hash END AS "formerHash"
FROM smpp_credential c JOIN account a ON a.id = c.account_id JOIN organization o ON o.id = a.organization_id`;

/** Null where no credential has this system_id. */
export async function findSmppLogin(db: Database, systemId: string): Promise<SmppLogin | null> {
  const { rows } = await db.query<SmppLogin>({
    name: "find-smpp-login",
    text: `${LOGIN} WHERE c.system_id = $1`,
    values: [systemId],
  });
  return rows[0] ?? null;
}

/** Those of these credentials that are still there. */
export async function findSmppLogins(db: Database, identifiers: readonly string[]): Promise<SmppLogin[]> {
  const { rows } = await db.query<SmppLogin>({
    name: "find-smpp-logins",
    text: `${LOGIN} WHERE c.identifier = ANY ($1::uuid[])`,
    values: [identifiers],
  });
  return rows;
}
