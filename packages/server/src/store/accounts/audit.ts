import type { Database } from "../database.ts";

/** Who asks for a change, and in which organization. */
export interface By {
  organizationId: number;
  /** The name of the key, or its identifier; never the key. */
  keyName: string;
}

/** The organization of changes to the installation itself, which no organization sees. */
export const INSTALLATION = 0;

/** Actions, as the audit names them. */
export const ACTIONS = [
  "organization.create",
  "organization.change",
  "organization.rotate-key",
  "account.create",
  "account.change",
  "account.topup",
  "account.deactivate",
  "account.rotate-key",
  "key.create",
  "key.revoke",
  "secret.create",
  "secret.delete",
  "sender.create",
  "sender.delete",
  "webhook.change",
  "smpp.create",
  "smpp.change",
  "smpp.rotate-password",
  "smpp.delete",
  "handset.erase",
  "opt-out.delete",
  "carrier.pause",
  "carrier.resume",
  "configuration.reload",
] as const;
export type Action = (typeof ACTIONS)[number];

export interface AuditRow {
  id: number;
  at: Date;
  /** Its UUID; null of a change to the installation. */
  organization: string | null;
  key: string;
  action: Action;
  object: string;
}

/**
 * Notes a change, in its own transaction.
 * @param object what was changed: its UUID, a handset as `handsetShown` has it, or a carrier's id
 */
export async function audit(db: Database, by: By, action: Action, object: string): Promise<void> {
  await db.query({
    name: "audit",
    text: "INSERT INTO audit (organization_id, key, action, object) VALUES ($1, $2, $3, $4)",
    values: [by.organizationId, by.keyName, action, object],
  });
}

/** A handset by its last four digits: what tells people apart is not kept where nothing erases it. */
export function handsetShown(handset: string): string {
  return `*${handset.slice(-4)}`;
}

/**
 * The newest first.
 * @param organizationId null for all organizations'
 * @param before null for the newest
 */
export async function listAudit(
  db: Database,
  organizationId: number | null,
  before: number | null,
  limit: number,
): Promise<AuditRow[]> {
  const { rows } = await db.query<AuditRow>({
    text: `SELECT a.id, a.at, o.identifier AS organization, a.key, a.action, a.object
           FROM audit a LEFT JOIN organization o ON o.id = a.organization_id
           WHERE ($1::int IS NULL OR a.organization_id = $1) AND ($2::bigint IS NULL OR a.id < $2)
           ORDER BY a.id DESC LIMIT $3`,
    values: [organizationId, before, limit],
  });
  return rows;
}
