import { type Channel, USUAL_CHANNEL } from "../../message/channel.ts";
import type { CodedContent } from "../../message/coded-content.ts";
import { ACCEPTED, mayMove } from "../../message/lifecycle.ts";
import type { Database } from "../database.ts";
import { skipScan } from "../skip-scan.ts";
import type { WaitingMessage } from "./waiting-message.ts";

/** A message as the statements answer it that put it into a node's memory. */
export interface WaitingRow {
  id: string;
  account_id: number;
  destination: string;
  parts: number;
  expires_at: Date;
  sender: string;
  body: string;
  channel: Channel | null;
  fallback: Channel | null;
  tlvs: string | null;
  coded: CodedContent | null;
  /** Whether there is rich content. */
  rich: boolean;
}

/**
 * What is due and nobody has in memory, at most `perAccount` of each account, so that one account's backlog of 100,000
 * does not stand before another's single message. The accounts are found by stepping through the index from one to the
 * next: the cost grows with the accounts that wait, not with their rows.
 */
const TEXT = `
WITH RECURSIVE ${skipScan("waiting", "message", "account_id", "leased_by = 0 AND next_at IS NOT NULL")}, due AS (
  SELECT d.id FROM waiting w CROSS JOIN LATERAL (
    SELECT m.id FROM message m
    WHERE m.leased_by = 0 AND m.account_id = w.account_id AND m.next_at <= now()
    ORDER BY m.next_at LIMIT $2 FOR UPDATE SKIP LOCKED
  ) d
  LIMIT $3
), claimed AS (
  UPDATE message m SET leased_by = $1 FROM due d WHERE m.id = d.id AND m.leased_by + 0 = 0
  RETURNING m.id, m.account_id, m.destination, m.parts, m.expires_at, m.sender, m.body, m.batch_id, m.carrier,
            m.channel, m.fallback, m.tlvs, m.coded, m.rich IS NOT NULL AS rich
)
SELECT c.id, c.account_id, c.destination::text AS destination, c.parts, c.expires_at,
       coalesce(c.sender, b.sender) AS sender, coalesce(c.body, b.body) AS body, c.carrier,
       c.channel, c.fallback, c.tlvs, c.coded, c.rich OR b.rich IS NOT NULL AS rich
FROM claimed c LEFT JOIN batch b ON b.id = c.batch_id
ORDER BY c.id`;

export async function claimMessages(
  db: Database,
  node: number,
  perAccount: number,
  most: number,
): Promise<WaitingMessage[]> {
  const { rows } = await db.query<WaitingRow & { carrier: number | null }>({
    name: "claim-messages",
    text: TEXT,
    values: [node, perAccount, most],
  });
  return rows.map(({ carrier, ...row }) => ({
    ...waitingMessage(row),
    ...(carrier === null ? {} : { begun: carrier }),
  }));
}

export function waitingMessage({
  account_id: accountId,
  expires_at,
  channel,
  fallback,
  tlvs,
  coded,
  rich,
  ...row
}: WaitingRow): WaitingMessage {
  const message: WaitingMessage = { ...row, accountId, expiresAt: expires_at.getTime() };
  if (tlvs !== null) message.tlvs = tlvs;
  if (coded !== null) message.coded = coded;
  if (rich) message.rich = true;
  if (channel === null && fallback === null) return message;
  return { ...message, plan: { channel: channel ?? USUAL_CHANNEL, fallback } };
}

const CLAIM_ONE = `
UPDATE message SET leased_by = $1
WHERE id = $2 AND state = ${ACCEPTED} AND leased_by + 0 = 0 AND next_at IS NOT NULL AND carrier IS NULL`;

/** Claims a message that nobody has in memory, and that no node has begun to submit. Answers whether it did. */
export async function claimMessage(db: Database, node: number, id: string): Promise<boolean> {
  const { rowCount } = await db.query({ name: "claim-message", text: CLAIM_ONE, values: [node, id] });
  return rowCount === 1;
}

const RELEASE = `
UPDATE message m SET leased_by = 0, next_at = now() + $3 * interval '1 millisecond'
WHERE m.id = ANY ($1::uuid[]) AND ${mayMove("release", "m", "$2")}`;

/** Puts messages back for anybody to claim after `delayMs`. */
export async function releaseMessages(
  db: Database,
  ids: readonly string[],
  node: number,
  delayMs: number,
): Promise<void> {
  await db.query({ name: "release-messages", text: RELEASE, values: [ids, node, delayMs] });
}
