import { DELIVERED, type FinalState, isFinalSql, SUBMITTED } from "../../message/lifecycle.ts";
import { type Column, columns, columnsBy, type Database, quotedTwice } from "../database.ts";
import { isUniqueViolation } from "../errors.ts";
import { Counts, isTakenSql, SUBMITTED_NOW } from "../stats/counts.ts";
import { addTakenOver } from "../taken-over.ts";
import type { Partitions } from "../upkeep/partition-names.ts";
import { newWebhookBundle } from "../webhooks/webhook-bundles.ts";
import { MESSAGE_BUNDLES } from "./bundles.ts";
import { type FinalRow, handOff, MOVED, recordMoved, type WebhookLease } from "./finals.ts";
import { type OutcomeRow, PART_NAMES, type PartRow, partsFrom } from "./record-outcomes.ts";
import type { Bundled } from "./waiting-message.ts";

/** The outcome of a message that is in a bundle and has no row yet. */
export interface FirstOutcomeRow extends OutcomeRow {
  bundled: Bundled;
}

/**
 * As `first_outcome` of migrations/0007_lots.sql and 0018_events.sql, in an array. In one piece,
 * and not with a function for each of the 17 columns: it is written for every message.
 */
function composite({ id, bundled, state, carrier, carrierMessageId, code, events }: FirstOutcomeRow): string {
  const { message } = bundled;
  const { accountId, destination, parts, expiresAt, receiptBy, batchId, givenId, endpoint } = message;
  const known = `${id},${accountId},${destination},${parts},${expiresAt},${receiptBy ?? ""},${batchId ?? ""},${givenId ?? ""}`;
  const texts = `${field(message.sender)},${field(message.body)},${field(message.callback)},${endpoint ?? ""}`;
  return `"(${known},${texts},${state},${carrier ?? ""},${field(carrierMessageId)},${code ?? ""},${field(events)})"`;
}

function field(text: string | null | undefined): string {
  return text === null || text === undefined ? "" : quotedTwice(text);
}

/** First outcomes of one day's messages. */
interface Flush {
  partition: string;
  rows: readonly FirstOutcomeRow[];
  parts: readonly PartRow[];
  /** The bundles of which these are the last outcomes. */
  ended: readonly string[];
  /** The sums' node. */
  node: number;
  lease: WebhookLease;
}

const insertInto = (partition: string): string => `
INSERT INTO ${partition} AS m (id, account_id, destination, parts, expires_at, receipt_by, batch_id, given_id, sender,
                               body, callback, endpoint, state, carrier, carrier_message_id, code, leased_by, final_at,
                               events, submitted_at)
SELECT id, account_id, destination, parts, to_timestamp(expires_at / 1000), to_timestamp(receipt_by / 1000), batch_id,
       given_id, sender, body, callback, endpoint, state, carrier, carrier_message_id, code, 0,
       CASE WHEN ${isFinalSql("state")} THEN now() END, events,
       CASE WHEN ${isTakenSql("state", "carrier_message_id")} THEN ${SUBMITTED_NOW} END
FROM unnest($1::first_outcome[])`;

const GONE = MESSAGE_BUNDLES.goneSql("$2");

const HANDED: readonly Column<FinalRow>[] = [({ id }) => id, ({ accountId }) => accountId];
const WAITING: readonly Column<FinalRow>[] = [...HANDED, ({ url }) => url, ({ endpoint }) => endpoint];

const waitingFrom = (first: number): string => `
waiting AS (
  INSERT INTO webhook (id, account_id, url, endpoint, next_at, leased_by)
  SELECT id, account_id, url, endpoint, now(), 0
  FROM unnest($${first}::uuid[], $${first + 1}::int[], $${first + 2}::text[], $${first + 3}::int[])
    AS t (id, account_id, url, endpoint)
)`;

const countedFrom = (first: number): string => `
counted AS (
  INSERT INTO batch_count AS c (batch_id, node, delivered, failed)
  SELECT batch_id, $${first}, delivered, failed
  FROM unnest($${first + 1}::uuid[], $${first + 2}::int[], $${first + 3}::int[]) AS t (batch_id, delivered, failed)
  ON CONFLICT (batch_id, node) DO UPDATE
  SET delivered = c.delivered + excluded.delivered, failed = c.failed + excluded.failed
)`;

/**
 * Send: the first outcomes of a flush as rows, once and for all their columns, with all that follows from them. What
 * they say is known here: the store is asked nothing, and answers nothing.
 */
async function record(db: Database, { partition, rows, parts, ended, node, lease }: Flush): Promise<FinalRow[]> {
  const finals = finalsOf(rows);
  const bundle = newWebhookBundle();
  handOff(finals, bundle, lease);
  const handed = finals.filter((final) => final.bundle !== undefined);
  const waiting = finals.filter((final) => final.endpoint !== null && final.bundle === undefined);
  const sums = sumsOf(finals);
  const literal = `{${rows.map(composite).join(",")}}`;
  const values: unknown[] = [literal, `{${ended.join(",")}}`, bundle.id, lease.node, ...columnsBy(handed, HANDED)];
  let name = "first outcomes";
  let more = "";
  const add = (what: string, textFrom: (first: number) => string, parameters: readonly unknown[]): void => {
    name += `, ${what}`;
    more += `${textFrom(values.length + 1)},`;
    values.push(...parameters);
  };
  add("stats", (first) => `stats AS (INSERT INTO stat_flush (counts) VALUES ($${first}))`, [countsOf(rows)]);
  if (sums.length > 0) add("sums", countedFrom, [node, ...columns(sums, ["batchId", "delivered", "failed"])]);
  if (waiting.length > 0) add("some wait", waitingFrom, columnsBy(waiting, WAITING));
  if (parts.length > 0) add("parts", (first) => partsFrom(first, "true"), columns(parts, PART_NAMES));
  const text = `
WITH ${GONE},${more}
handed AS (
  INSERT INTO webhook_bundle (id, node, ids, account_ids)
  SELECT $3::uuid, $4::int, $5::uuid[], $6::int[] WHERE $5::uuid[] <> '{}'
)${insertInto(partition)}`;
  await db.query({ name: `${name} ${partition}`, text, values });
  return finals;
}

/**
 * The same where another node has taken messages over: they have rows already, which stay as that one left them, and
 * are `lost`. To allow for that costs a look into the index and a WAL record each, 1 µs a message, and
 * that the store says which they were.
 */
async function recordTaken(
  db: Database,
  { partition, rows, parts, ended, node, lease }: Flush,
  lost: Set<string>,
): Promise<FinalRow[]> {
  const values: unknown[] = [`{${rows.map(composite).join(",")}}`, `{${ended.join(",")}}`];
  const text = `
moved AS (${insertInto(partition)}
  ON CONFLICT (id) DO NOTHING
  RETURNING ${MOVED}
), ${GONE}`;
  const moving =
    parts.length === 0
      ? { name: `first outcomes, taken ${partition}`, text, values, submits: true }
      : {
          name: `first outcomes, taken, parts ${partition}`,
          text: `${text}, ${partsFrom(values.length + 1)}`,
          values: [...values, ...columns(parts, PART_NAMES)],
          submits: true,
        };
  const moved = await recordMoved(db, moving, node, lease);
  addTakenOver(lost, rows, moved);
  return moved.filter(({ state }) => state !== SUBMITTED);
}

/**
 * @param ended the bundles of which these are the last outcomes
 * @param alone whether a statement that fails can be done again: not within a transaction
 */
export async function recordFirstOutcomes(
  db: Database,
  partitions: Partitions,
  rows: readonly FirstOutcomeRow[],
  parts: readonly PartRow[],
  ended: readonly string[],
  node: number,
  lease: WebhookLease,
  alone: boolean,
): Promise<{ lost: Set<string>; finals: FinalRow[] }> {
  const lost = new Set<string>();
  const finals: FinalRow[] = [];
  const groups = [...partitions.group("message", rows)];
  for (const [index, [partition, group]] of groups.entries()) {
    // A bundle goes with the last of its messages, which may be in several days' tables.
    const last = index === groups.length - 1;
    const flush = {
      partition,
      rows: group,
      parts: partsOf(group, parts),
      ended: last ? ended : [],
      node,
      lease,
    };
    const taken = () => recordTaken(db, flush, lost);
    const recorded = alone
      ? record(db, flush).catch((error: unknown) => {
          if (isUniqueViolation(error)) return taken();
          throw error;
        })
      : taken();
    finals.push(...(await recorded));
  }
  return { lost, finals };
}

/** Those of the rows' messages. */
function partsOf(rows: readonly FirstOutcomeRow[], parts: readonly PartRow[]): readonly PartRow[] {
  if (parts.length === 0) return parts;
  const ids = new Set(rows.map(({ id }) => id));
  return parts.filter(({ messageId }) => ids.has(messageId));
}

/** How many of each batch these make final, in the order of the batches' ids. */
function sumsOf(finals: readonly FinalRow[]): { batchId: string; delivered: number; failed: number }[] {
  const sums = new Map<string, { batchId: string; delivered: number; failed: number }>();
  for (const { batchId, state } of finals) {
    if (batchId === null) continue;
    const sum = sums.get(batchId) ?? { batchId, delivered: 0, failed: 0 };
    sums.set(batchId, sum);
    if (state === DELIVERED) sum.delivered++;
    else sum.failed++;
  }
  return [...sums.values()].sort((left, right) => (left.batchId < right.batchId ? -1 : 1));
}

function countsOf(rows: readonly FirstOutcomeRow[]): string {
  const counts = new Counts();
  for (const { bundled, state, carrier, carrierMessageId, code } of rows) {
    const { accountId, destination } = bundled.message;
    const met = carrierMessageId !== null;
    if (state === SUBMITTED || met) counts.add(SUBMITTED, accountId, destination, null, carrier, null, null, 0);
    // A receipt that met its outcome came as soon as that.
    if (state !== SUBMITTED)
      counts.add(state as FinalState, accountId, destination, null, carrier, code, met ? 0 : null, 0);
  }
  return counts.toString();
}

function finalsOf(rows: readonly FirstOutcomeRow[]): FinalRow[] {
  return rows.filter(({ state }) => state !== SUBMITTED).map(finalOf);
}

function finalOf({
  bundled: { message, batch },
  id,
  state,
  code,
  carrier,
  carrierMessageId,
}: FirstOutcomeRow): FinalRow {
  return {
    id,
    accountId: message.accountId,
    batchId: message.batchId ?? null,
    givenId: message.givenId ?? null,
    batchGivenId: batch?.givenId ?? null,
    destination: message.destination,
    state,
    code: code as number,
    carrier: carrier as number,
    carrierMessageId: carrierMessageId as string,
    channel: null,
    url: message.callback ?? batch?.callback ?? null,
    endpoint: message.endpoint ?? batch?.endpoint ?? null,
  };
}
