import { columns, type Database, quotedTwice } from "./database.ts";
import { isUniqueViolation } from "./errors.ts";
import { type FinalRow, finalsTail, MOVED, singleFinalsTail, type WebhookLease } from "./finals.ts";
import type { Unwritten } from "./lots.ts";
import type { Partitions } from "./partition-names.ts";
import { type OutcomeRow, PART_NAMES, type PartRow, partsFrom } from "./record-outcomes.ts";

/** The outcome of a message that is in a lot and has no row yet. */
export interface FirstOutcomeRow extends OutcomeRow {
  unwritten: Unwritten;
}

/**
 * As `first_outcome` of migrations/0007_lots.sql, in an array. In one piece, and not with
 * a function for each of the 16 columns: it is written for every message.
 */
function composite({ id, unwritten, state, carrier, carrierMessageId, code }: FirstOutcomeRow): string {
  const { message } = unwritten;
  const { accountId, destination, parts, expiresAt, receiptBy, batchId, givenId, endpoint } = message;
  const known = `${id},${accountId},${destination},${parts},${expiresAt},${receiptBy ?? ""},${batchId ?? ""},${givenId ?? ""}`;
  const texts = `${field(message.sender)},${field(message.body)},${field(message.callback)},${endpoint ?? ""}`;
  return `"(${known},${texts},${state},${carrier ?? ""},${field(carrierMessageId)},${code ?? ""})"`;
}

function field(text: string | null | undefined): string {
  return text === null || text === undefined ? "" : quotedTwice(text);
}

/**
 * Send: the first outcomes of a flush as rows, once and for all their columns. A message that another worker has taken
 * over has a row already: it stays as that one left it, and is missing from `recorded`. To allow for that costs a look
 * into the index and a WAL record each, 1 µs a message; `taken` is how it is done once it was found to be needed.
 */
const textFor = (partition: string, parts: string, tail: string, taken: boolean): string => `
WITH moved AS (
  INSERT INTO ${partition} AS m (id, account_id, destination, parts, expires_at, receipt_by, batch_id, given_id, sender,
                                 body, callback, endpoint, state, carrier, carrier_message_id, code, leased_by, final_at)
  SELECT id, account_id, destination, parts, to_timestamp(expires_at / 1000), to_timestamp(receipt_by / 1000), batch_id,
         given_id, sender, body, callback, endpoint, state, carrier, carrier_message_id, code, 0,
         CASE WHEN state >= 2 THEN now() END
  FROM unnest($1::first_outcome[])
  ${taken ? "ON CONFLICT (id) DO NOTHING" : ""}
  RETURNING ${MOVED}
), gone AS (
  DELETE FROM lot WHERE id = ANY ($2::uuid[])
), ${parts} ${tail}
SELECT id FROM owed`;

const SINGLE = singleFinalsTail("$3", "$4");
const OF_BATCHES = finalsTail("$5", "$3", "$4");

/**
 * What the finals say is known here: the store repeats none of it.
 * @param ended the lots of which these are the last outcomes
 * @param alone whether a statement that fails can be done again: not within a transaction
 */
export async function recordFirstOutcomes(
  db: Database,
  partitions: Partitions,
  rows: readonly FirstOutcomeRow[],
  parts: readonly PartRow[],
  ended: readonly string[],
  worker: number,
  lease: WebhookLease,
  alone: boolean,
): Promise<{ recorded: Set<string>; finals: FinalRow[] }> {
  const recorded = new Set<string>();
  const groups = [...partitions.group("message", rows)];
  for (const [index, [partition, group]] of groups.entries()) {
    // A lot goes with the last of its messages, which may be in several days' tables.
    const last = index === groups.length - 1;
    const single = group.every(({ unwritten }) => unwritten.batch === null);
    const values = [
      `{${group.map(composite).join(",")}}`,
      last ? `{${ended.join(",")}}` : "{}",
      lease.worker,
      lease.full,
      ...(single ? [] : [worker]),
      ...(parts.length === 0 ? [] : columns(parts, PART_NAMES)),
    ];
    const kind = `${single ? "single" : "batch"}${parts.length === 0 ? "" : ", parts"}`;
    const run = (taken: boolean) => {
      const name = `first outcomes: ${kind}${taken ? ", taken" : ""} ${partition}`;
      const partsText = parts.length === 0 ? "" : partsFrom(single ? 5 : 6);
      return db.query<{ id: string }>({
        name,
        text: textFor(partition, partsText, single ? SINGLE : OF_BATCHES, taken),
        values,
      });
    };
    const result = await run(!alone).catch((error: unknown) => {
      if (alone && isUniqueViolation(error)) return run(true);
      throw error;
    });
    for (const { id } of result.rows) recorded.add(id);
  }
  return { recorded, finals: rows.filter(({ id, state }) => state >= 2 && recorded.has(id)).map(finalOf) };
}

function finalOf({
  unwritten: { message, batch },
  id,
  state,
  code,
  carrier,
  carrierMessageId,
}: FirstOutcomeRow): FinalRow {
  return {
    id,
    account_id: message.accountId,
    batch_id: message.batchId ?? null,
    given_id: message.givenId ?? null,
    batch_given_id: batch?.givenId ?? null,
    destination: message.destination,
    state,
    code: code as number,
    carrier: carrier as number,
    carrier_message_id: carrierMessageId as string,
    url: message.callback ?? batch?.callback ?? null,
    endpoint: message.endpoint ?? batch?.endpoint ?? null,
  };
}
