import type { Channel } from "../../message/channel.ts";
import { ACCEPTED } from "../../message/lifecycle.ts";

/** Whose messages are seen: one account's, all of an organization, or everybody's. */
export interface Viewer {
  accountId: number | null;
  organizationId: number | null;
}

/** A message as it is told of, whether it has a row of its own yet or not. */
export interface MessageRow {
  id: string;
  accountId: number;
  /** The account's identifier. */
  account: string;
  givenId: string | null;
  batchId: string | null;
  batchGivenId: string | null;
  /** Digits; null where it was erased. */
  destination: string | null;
  sender: string | null;
  body: string | null;
  callback: string | null;
  channel: Channel | null;
  fallback: Channel | null;
  parts: number;
  state: number;
  code: number | null;
  expiresAt: Date;
  receiptBy: Date | null;
  finalAt: Date | null;
  /** The carrier's number, and its name. */
  carrierNumber: number | null;
  carrier: string | null;
  carrierMessageId: string | null;
  events: string | null;
}

/** The columns of a message's row `m` that `MESSAGE_ROW` reads. */
export const ROW_COLUMNS = `m.id, m.account_id, m.given_id, m.batch_id, m.destination, m.sender, m.body, m.callback, m.channel,
  m.fallback, m.parts, m.state, m.code, m.expires_at, m.receipt_by, m.final_at, m.carrier, m.carrier_message_id, m.events`;

/** The same of `bundled_message m`, which have no row yet. */
export const BUNDLED_COLUMNS = `m.id, m.account_id, m.given_id, m.batch_id, m.destination, m.sender, m.body, m.callback, NULL,
  NULL, m.parts, ${ACCEPTED}::smallint, NULL::smallint, m.expires_at, m.receipt_by, NULL::timestamptz, NULL::smallint, NULL, NULL`;

/** `MessageRow`s, of a list `found m` with these columns. */
export const MESSAGE_ROW = `
SELECT m.id, m.account_id AS "accountId", a.identifier AS account, m.given_id AS "givenId", m.batch_id AS "batchId",
       b.given_id AS "batchGivenId", nullif(m.destination, 0)::text AS destination, coalesce(m.sender, b.sender) AS sender,
       CASE WHEN m.destination <> 0 THEN coalesce(m.body, b.body) END AS body, coalesce(m.callback, b.callback) AS callback,
       m.channel, m.fallback, m.parts, m.state, m.code, m.expires_at AS "expiresAt", m.receipt_by AS "receiptBy",
       m.final_at AS "finalAt", m.carrier AS "carrierNumber", c.id AS carrier, m.carrier_message_id AS "carrierMessageId",
       m.events
FROM found m
JOIN account a ON a.id = m.account_id
LEFT JOIN batch b ON b.id = m.batch_id
LEFT JOIN carrier c ON c.number = m.carrier`;

/**
 * The condition that a row `m` is the viewer's, with the parameters of the account and the organization.
 * @param owner the row's account, as the index has it that is to be used
 */
export function isViewers(
  { accountId, organizationId }: Viewer,
  account: string,
  organization: string,
  owner = "m.account_id",
): string {
  // A parameter that is not named anywhere has no type.
  const typed = `${account}::int IS NOT DISTINCT FROM ${account} AND ${organization}::int IS NOT DISTINCT FROM ${organization}`;
  if (accountId !== null) return `${owner} = ${account} AND ${typed}`;
  if (organizationId === null) return typed;
  return `m.account_id IN (SELECT id FROM account WHERE organization_id = ${organization}) AND ${typed}`;
}
