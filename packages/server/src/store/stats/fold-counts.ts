import { ACCEPTED, DELIVERED, FAILED, SUBMITTED } from "../../message/lifecycle.ts";
import { type Column, type Connections, columnsBy, type Database, transaction } from "../database.ts";
import { MINUTE_MS, NO_CODE, readCounts, type Sum, TOLD } from "./counts.ts";
import { addDurations, type Durations, durationsText } from "./durations-text.ts";

/** Milliseconds of each span. */
export const SPAN_MS = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: 24 * 60 * MINUTE_MS } as const;
/** A minute, an hour, or a day, as rows name them. */
export type Span = keyof typeof SPAN_MS;

/** The same of sums of all groups together, as rows name them. */
export const TOTAL_OF = { m: "M", h: "H", d: "D" } as const satisfies Record<Span, string>;
/** Whose sums they are, beside one account's, by its number. */
export const EVERYBODY = 0;
export function ofOrganization(organizationId: number): number {
  return -organizationId;
}

/** The beginning of the span that a time is in, UTC; both in epoch milliseconds. */
export function spanOf(span: Span, at: number): number {
  return Math.floor(at / SPAN_MS[span]) * SPAN_MS[span];
}

/** Flushes in one step. */
export const STEP = 1_000;

const TAKE = `
DELETE FROM stat_flush WHERE ctid = ANY (ARRAY(SELECT ctid FROM stat_flush LIMIT ${STEP}))
RETURNING extract(epoch FROM at)::float8 * 1000 AS at, counts`;

/** A row of `stat`. */
interface StatRow {
  span: Span | (typeof TOTAL_OF)[Span];
  /** An account's number, or as EVERYBODY and ofOrganization have it. */
  accountId: number;
  /** Epoch milliseconds. */
  at: number;
  carrier: number;
  code: number;
  country: string;
  channel: string;
  accepted: number;
  submitted: number;
  delivered: number;
  failed: number;
  parts: number;
  receipts: Durations;
  webhooks: Durations;
}

const KEY_COLUMNS: readonly Column<StatRow>[] = [
  ({ span }) => span,
  ({ accountId }) => accountId,
  ({ at }) => at,
  ({ carrier }) => carrier,
  ({ code }) => code,
  ({ country }) => country,
  ({ channel }) => channel,
];
const KEY = "span, account_id, at, carrier, code, country, channel";
const KEYS = `unnest($1::"char"[], $2::int[], $3::float8[], $4::smallint[], $5::smallint[], $6::text[], $7::text[]`;

const COLUMNS: readonly Column<StatRow>[] = [
  ...KEY_COLUMNS,
  ({ accepted }) => accepted,
  ({ submitted }) => submitted,
  ({ delivered }) => delivered,
  ({ failed }) => failed,
  ({ parts }) => parts,
  ({ receipts }) => durationsText(receipts),
  ({ webhooks }) => durationsText(webhooks),
];

/** The durations of these rows as they are: they are added to here, for nobody else writes them meanwhile. */
const DURATIONS = `
SELECT k.place::int - 1 AS place, s.receipts, s.webhooks
FROM ${KEYS}) WITH ORDINALITY AS k (${KEY}, place)
JOIN stat s ON s.span = k.span AND s.account_id = k.account_id AND s.at = to_timestamp(k.at / 1000)
  AND s.carrier = k.carrier AND s.code = k.code AND s.country = k.country AND s.channel = k.channel`;

const ADD = `
INSERT INTO stat AS s (${KEY}, accepted, submitted, delivered, failed, parts, receipts, webhooks)
SELECT span, account_id, to_timestamp(at / 1000), carrier, code, country, channel, accepted, submitted, delivered, failed,
       parts, receipts, webhooks
FROM ${KEYS}, $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[])
  AS t (${KEY}, accepted, submitted, delivered, failed, parts, receipts, webhooks)
ON CONFLICT (${KEY}) DO UPDATE
SET accepted = s.accepted + excluded.accepted, submitted = s.submitted + excluded.submitted,
    delivered = s.delivered + excluded.delivered, failed = s.failed + excluded.failed, parts = s.parts + excluded.parts,
    receipts = excluded.receipts, webhooks = excluded.webhooks`;

/**
 * Adds what flushes have counted to the sums of their minute, hour and day, at most STEP of them; answers how many there
 * were. A flush is counted once: it goes in the transaction that adds it. Programs take turns.
 */
export async function foldCounts(pool: Connections): Promise<number> {
  return transaction(pool, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('messaging-plus statistics'))");
    const { rows } = await client.query<{ at: number; counts: string }>({ name: "take-counts", text: TAKE });
    const counts = rows.flatMap(readCounts);
    const sums = summed(counts, await organizationsOf(client, counts));
    if (sums.length > 0) await add(client, sums);
    return rows.length;
  });
}

async function add(db: Database, sums: readonly StatRow[]): Promise<void> {
  const { rows } = await db.query<{ place: number; receipts: string; webhooks: string }>({
    name: "read-durations",
    text: DURATIONS,
    values: columnsBy(sums, KEY_COLUMNS),
  });
  for (const { place, receipts, webhooks } of rows) {
    const sum = sums[place] as StatRow;
    addDurations(sum.receipts, receipts);
    addDurations(sum.webhooks, webhooks);
  }
  await db.query({ name: "add-counts", text: ADD, values: columnsBy(sums, COLUMNS) });
}

const NAMES = {
  [ACCEPTED]: "accepted",
  [SUBMITTED]: "submitted",
  [DELIVERED]: "delivered",
  [FAILED]: "failed",
} as const;

/** The organizations of the counts' accounts, by the accounts' numbers. */
async function organizationsOf(db: Database, counts: readonly Sum[]): Promise<Map<number, number>> {
  const { rows } = await db.query<{ id: number; organization: number }>({
    name: "organizations-of-accounts",
    text: "SELECT id, organization_id AS organization FROM account WHERE id = ANY ($1::int[])",
    values: [[...new Set(counts.map(({ accountId }) => accountId))]],
  });
  return new Map(rows.map(({ id, organization }) => [id, organization]));
}

/**
 * Each count is in the sums of its account, of its organization and of everybody, each by its group and in all: a month by
 * the hour is then 720 rows, whoever asks.
 */
function summed(counts: readonly Sum[], organizations: ReadonlyMap<number, number>): StatRow[] {
  const sums = new Map<string, StatRow>();
  for (const count of counts) {
    const { carrier, code, country, channel } = count;
    const group = { carrier, code, country, channel };
    const organization = organizations.get(count.accountId);
    const owners = [count.accountId, EVERYBODY, ...(organization === undefined ? [] : [ofOrganization(organization)])];
    for (const span of ["m", "h", "d"] as const) {
      const at = spanOf(span, count.at);
      for (const accountId of owners) {
        addTo(sums, { span, accountId, at, ...group }, count);
        addTo(sums, { span: TOTAL_OF[span], accountId, at, ...NO_GROUP }, count);
      }
    }
  }
  return [...sums.values()];
}

const NO_GROUP = { carrier: 0, code: NO_CODE, country: "", channel: "" };

type StatKey = Pick<StatRow, "span" | "accountId" | "at" | "carrier" | "code" | "country" | "channel">;

function addTo(sums: Map<string, StatRow>, place: StatKey, { what, bucket, messages, parts }: Sum): void {
  const key = Object.values(place).join(",");
  let sum = sums.get(key);
  if (sum === undefined) {
    const none = { accepted: 0, submitted: 0, delivered: 0, failed: 0, parts: 0 };
    sum = { ...place, ...none, receipts: new Map(), webhooks: new Map() };
    sums.set(key, sum);
  }
  if (what !== TOLD) sum[NAMES[what as keyof typeof NAMES]] += messages;
  sum.parts += parts;
  const durations = what === TOLD ? sum.webhooks : sum.receipts;
  if (bucket >= 0) durations.set(bucket, (durations.get(bucket) ?? 0) + messages);
}

/** Adds all that is committed. */
export async function foldAll(pool: Connections): Promise<void> {
  while ((await foldCounts(pool)) === STEP);
}
