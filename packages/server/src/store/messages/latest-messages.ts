import type { Conversation, NumberOwner } from "../accounts/number-owners.ts";
import { columns, type Database } from "../database.ts";

/** Whose latest message is looked for. */
type Owned = Conversation & Pick<NumberOwner, "organizationId" | "accountId">;

const NAMES = ["handset", "number", "accountId", "organizationId"] as const satisfies readonly (keyof Owned)[];

export interface LatestMessage {
  accountId: number;
  /** As its caller knows it, like the following. */
  messageId: string;
  /** Null where it is a batch of its own. */
  batchId: string | null;
  /** The id that it was made with. */
  id: string;
}

/**
 * One read of an index in each partition that is not before `since`, which stands in the text so that others are not
 * even opened.
 */
const textFor = (since: string): string => `
SELECT w.place::int, f.id, f.account_id AS "accountId", coalesce(f.given_id, f.id) AS "messageId",
       coalesce(b.given_id, f.batch_id) AS "batchId"
FROM unnest($1::bigint[], $2::text[], $3::int[], $4::int[]) WITH ORDINALITY
  AS w (handset, number, account_id, organization_id, place)
CROSS JOIN LATERAL (
  SELECT m.id, m.account_id, m.given_id, m.batch_id FROM message m
  WHERE m.destination = w.handset AND m.sender = w.number AND m.sender COLLATE "C" < ':' AND m.id >= '${since}'::uuid
    AND (m.account_id = w.account_id
      OR w.account_id IS NULL AND m.account_id IN (SELECT a.id FROM account a WHERE a.organization_id = w.organization_id))
  ORDER BY m.id DESC LIMIT 1
) f LEFT JOIN batch b ON b.id = f.batch_id`;

/**
 * The latest message of the account (or of any account of the organization) from the number to the handset, by its
 * place; missing where there is none.
 * @param since the lowest id that counts
 */
export async function findLatestMessages(
  db: Database,
  wanted: readonly Owned[],
  since: string,
): Promise<Map<number, LatestMessage>> {
  const { rows } = await db.query<LatestMessage & { place: number }>({
    text: textFor(since),
    values: columns(wanted, NAMES),
  });
  return new Map(rows.map(({ place, ...message }) => [place - 1, message]));
}

/** A handset that has written to the agent of an RCS carrier. */
export interface AgentConversation {
  handset: string;
  /** The carrier's number. */
  carrier: number;
}

/** The message that a handset answers. */
export interface AnsweredMessage extends LatestMessage {
  organizationId: number;
  sender: string;
}

/** By `message_rcs`, one read of it in each partition from `since` on. What is being submitted has no carrier yet. */
const ofAgents = (since: string): string => `
SELECT w.place::int, f.id, f.account_id AS "accountId", a.organization_id AS "organizationId",
       coalesce(f.sender, b.sender) AS sender, coalesce(f.given_id, f.id) AS "messageId",
       coalesce(b.given_id, f.batch_id) AS "batchId"
FROM unnest($1::bigint[], $2::smallint[]) WITH ORDINALITY AS w (handset, carrier, place)
CROSS JOIN LATERAL (
  SELECT m.id, m.account_id, m.sender, m.given_id, m.batch_id FROM message m
  WHERE m.destination = w.handset AND m.channel = 'rcs' AND m.id >= '${since}'::uuid
    AND coalesce(m.carrier, w.carrier) = w.carrier
  ORDER BY m.id DESC LIMIT 1
) f JOIN account a ON a.id = f.account_id LEFT JOIN batch b ON b.id = f.batch_id`;

/** The latest message of anybody to each handset by the carrier, by its place; missing where there is none. */
export async function findAnswered(
  db: Database,
  wanted: readonly AgentConversation[],
  since: string,
): Promise<Map<number, AnsweredMessage>> {
  const { rows } = await db.query<AnsweredMessage & { place: number }>({
    text: ofAgents(since),
    values: columns(wanted, ["handset", "carrier"]),
  });
  return new Map(rows.map(({ place, ...message }) => [place - 1, message]));
}
