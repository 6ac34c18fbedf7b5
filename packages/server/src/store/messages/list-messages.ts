import type { PoolClient } from "pg";
import type { Channel } from "../../message/channel.ts";
import { firstIdAt } from "../../message/id.ts";
import { isFinalSql } from "../../message/lifecycle.ts";
import { type Connections, transaction } from "../database.ts";
import { dayOf, listPartitions } from "../upkeep/partition-names.ts";
import { BUNDLED_COLUMNS, isViewers, MESSAGE_ROW, type MessageRow, ROW_COLUMNS, type Viewer } from "./message-row.ts";
import { readingBundles } from "./unreadable-bundles.ts";

/** Which messages; null for any. */
export interface MessageFilter {
  viewer: Viewer;
  /** The lowest and the highest id, both included. */
  first: string;
  last: string;
  /** A whole number, or the end of one: its last six digits at least. */
  number: { digits: string; whole: boolean } | null;
  sender: string | null;
  states: readonly number[] | null;
  /** Of final ones. */
  code: number | null;
  channel: Channel | null;
  /** The carrier's number. */
  carrier: number | null;
  /** Only those that are batches of their own. */
  single: boolean;
  /** An account's number, beside what the viewer may see. */
  account: number | null;
}

export interface MessagePage {
  /** The newest first. */
  rows: MessageRow[];
  /** The id that the next page begins below; null at the end. */
  next: string | null;
}

/** The time after which a page is answered as far as it has come, and what one of its statements may take. */
const ENOUGH_MS = 500;
const STATEMENT_MS = 900;
/** Rows that are looked at in one statement: 20 to 50 ms. */
const MOST_SCANNED = 20_000;
/** Days that are asked in one statement. */
const MOST_DAYS = 16;
/** Bundles of batches that are read in one statement: 500 messages each. */
const MOST_BUNDLES = 20;

/**
 * A page of messages, the newest first, in the order of their ids. By a number, each day's outline of digits is asked
 * (migrations/0018_events.sql), the newest day first. Without one, rows are read in the order of the primary key: no other
 * order has an index, since each would cost every message what it costs the rare search. What is rare comes in short
 * pages: nobody has a connection for longer than `ENOUGH_MS` and one statement.
 */
export function listMessages(
  database: Connections,
  filter: MessageFilter,
  before: string,
  limit: number,
): Promise<MessagePage> {
  const giveUpAt = Date.now() + ENOUGH_MS;
  return readingBundles(database, () =>
    transaction(database, async (client) => {
      await client.query(SEARCH_SETTINGS);
      const look = filter.number === null ? inOrder : byNumber;
      return look(client, filter, before, limit, giveUpAt);
    }),
  );
}

/**
 * Of the transaction of a search: none of its statements has a connection for long. In order means by the primary key:
 * where the planner knows the range's begin only as it runs, it takes it for small, and would sort a whole history.
 */
export const SEARCH_SETTINGS = `
SET TRANSACTION READ ONLY;
SET LOCAL statement_timeout = ${STATEMENT_MS};
SET LOCAL plan_cache_mode = force_custom_plan;
SET LOCAL enable_sort = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_bitmapscan = on`;

/** Parameters of a statement as they are named in it. */
class Values {
  readonly all: unknown[] = [];

  add(value: unknown): string {
    this.all.push(value);
    return `$${this.all.length}`;
  }
}

/** The conditions of a filter on a row `m`, but for the range of ids. */
function conditionsOf(filter: MessageFilter, values: Values): string {
  const { viewer, sender, states, code, channel, carrier, account, single } = filter;
  const all = [isViewers(viewer, values.add(viewer.accountId), values.add(viewer.organizationId))];
  if (single) all.push("m.batch_id IS NULL");
  if (account !== null) all.push(`m.account_id = ${values.add(account)}`);
  if (states !== null) all.push(`m.state = ANY (${values.add(states)}::smallint[])`);
  if (code !== null) all.push(`m.code = ${values.add(code)} AND ${isFinalSql("m.state")}`);
  if (channel !== null) all.push(`coalesce(m.channel, 'sms') = ${values.add(channel)}`);
  if (carrier !== null) all.push(`m.carrier = ${values.add(carrier)}`);
  if (sender !== null) {
    all.push(`coalesce(m.sender, (SELECT s.sender FROM batch s WHERE s.id = m.batch_id)) = ${values.add(sender)}`);
  }
  return all.join(" AND ");
}

const NO_ROW = "NOT EXISTS (SELECT FROM message w WHERE w.id = m.id)";

/** Steps down through the ids; each step looks at more rows than the one before. */
async function inOrder(
  client: PoolClient,
  filter: MessageFilter,
  before: string,
  limit: number,
  giveUpAt: number,
): Promise<MessagePage> {
  const rows: MessageRow[] = [];
  let below = before;
  for (let scanned = limit + 1; ; scanned = Math.min(scanned * 4, MOST_SCANNED)) {
    const values = new Values();
    const [high, last, low, count] = [below, filter.last, filter.first, scanned].map((value) => values.add(value));
    const text = `
WITH edge AS (
  SELECT greatest(${low}::uuid, (SELECT l.id FROM message_bundle l WHERE l.account_id <> 0 AND l.id < ${high}
                                 ORDER BY l.id DESC OFFSET ${MOST_BUNDLES} LIMIT 1)) AS low
), scanned AS MATERIALIZED (
  SELECT ${ROW_COLUMNS} FROM message m
  WHERE m.id < ${high} AND m.id <= ${last} AND m.id >= ${low} AND m.id >= (SELECT low FROM edge) ORDER BY m.id DESC LIMIT ${count}
), reached AS MATERIALIZED (
  SELECT coalesce((SELECT id FROM scanned ORDER BY id DESC OFFSET ${count}::int - 1 LIMIT 1), (SELECT low FROM edge)) AS id
), bundled AS (
  SELECT ${BUNDLED_COLUMNS} FROM bundled_message m
  WHERE m.bundle IN (
      SELECT l.id FROM message_bundle l
      WHERE l.account_id = 0 OR l.id < ${high} AND l.ids[cardinality(l.ids)] >= (SELECT id FROM reached))
    AND m.id < ${high} AND m.id <= ${last} AND m.id >= (SELECT id FROM reached) AND ${NO_ROW}
), found AS (
  SELECT * FROM (SELECT * FROM scanned UNION ALL SELECT * FROM bundled) AS m WHERE ${conditionsOf(filter, values)}
  ORDER BY m.id DESC LIMIT ${values.add(limit + 1 - rows.length)}
)
SELECT r.id AS reached, x.* FROM reached r LEFT JOIN (${MESSAGE_ROW}) AS x ON true ORDER BY x.id DESC`;
    const { rows: found } = await client.query<MessageRow & { reached: string }>(text, values.all);
    for (const { reached: _, ...row } of found) if (row.id !== null) rows.push(row);
    if (rows.length > limit) return full(rows, limit);
    below = found[0]?.reached ?? filter.first;
    if (below <= filter.first) return { rows, next: null };
    if (Date.now() >= giveUpAt) return { rows, next: below };
  }
}

function full(rows: readonly MessageRow[], limit: number): MessagePage {
  const shown = rows.slice(0, limit);
  return { rows: shown, next: shown.at(-1)?.id ?? null };
}

/** Asks one day's table after the other, and then several at once: a plan takes longer than a look. First what has no row: what gets its row meanwhile is found there. */
async function byNumber(
  client: PoolClient,
  filter: MessageFilter,
  before: string,
  limit: number,
  giveUpAt: number,
): Promise<MessagePage> {
  const { digits } = filter.number as NonNullable<MessageFilter["number"]>;
  const found = new Map<string, MessageRow>();
  const look = async (sources: readonly string[], where: (values: Values) => string): Promise<void> => {
    const values = new Values();
    const conditions = `${isNumber(filter, values)} AND ${where(values)} AND m.id < ${values.add(before)}
    AND m.id <= ${values.add(filter.last)} AND m.id >= ${values.add(filter.first)} AND ${conditionsOf(filter, values)}`;
    const text = `
WITH matching AS MATERIALIZED (
  ${sources.map((source) => `${source} WHERE ${conditions}`).join("\n  UNION ALL\n  ")}
), found AS (
  SELECT * FROM matching ORDER BY id DESC LIMIT ${values.add(limit + 1)}
)
${MESSAGE_ROW}`;
    const { rows } = await client.query<MessageRow>(text, values.all);
    for (const row of rows) found.set(row.id, row);
  };
  // The text of a bundle is looked at before it is read.
  await look(
    [`SELECT * FROM (SELECT ${BUNDLED_COLUMNS} FROM bundled_message m) AS m (${names(ROW_COLUMNS)})`],
    (values) => `m.id IN (
      SELECT u.id FROM message_bundle l CROSS JOIN LATERAL unnest(l.ids) AS u (id)
      WHERE l.node >= 0 AND strpos(l.messages, ${values.add(`${digits}"`)}) > 0) AND ${NO_ROW}`,
  );
  const inTables = (tables: readonly string[]) =>
    look(
      tables.map((table) => `SELECT ${ROW_COLUMNS} FROM ${table} m`),
      (values) => `m.destination % 1000000 = ${values.add(lastSix(digits))}`,
    );
  // Rows of a clock that was far off.
  await inTables(["message_default"]);
  const newestFirst = (): MessageRow[] => [...found.values()].sort((one, other) => (one.id < other.id ? 1 : -1));
  const days = await daysOf(client, filter, before);
  for (let from = 0, count = 1; from < days.length; from += count, count = Math.min(count * 2, MOST_DAYS)) {
    const asked = days.slice(from, from + count);
    await inTables(asked.map(({ name }) => name));
    const begin = firstIdAt((asked.at(-1) as { day: number }).day);
    // Messages of the days before are not among these.
    const rows = newestFirst().filter(({ id }) => id >= begin);
    if (rows.length > limit) return full(rows, limit);
    if (Date.now() >= giveUpAt) return { rows, next: begin };
  }
  const rows = newestFirst();
  return rows.length > limit ? full(rows, limit) : { rows, next: null };
}

function isNumber({ number }: MessageFilter, values: Values): string {
  const { digits, whole } = number as NonNullable<MessageFilter["number"]>;
  return whole
    ? `m.destination = ${values.add(digits)}::bigint`
    : `m.destination::text LIKE '%' || ${values.add(digits)}::text`;
}

function lastSix(digits: string): number {
  return Number(digits.slice(-6));
}

/** `m.id, m.state` as `id, state`. */
function names(columns: string): string {
  return columns.replaceAll("m.", "");
}

/** The days' tables that may have rows of the filter's range, the newest first. */
async function daysOf(
  client: PoolClient,
  { first, last }: MessageFilter,
  before: string,
): Promise<{ name: string; day: number }[]> {
  const upto = before < last ? before : last;
  const partitions = await listPartitions(client);
  return partitions
    .filter((name) => name.startsWith("message_2"))
    .flatMap((name) => {
      const day = dayOf(name);
      return day === null ? [] : [{ name, day }];
    })
    .filter(({ day }) => firstIdAt(day) <= upto && firstIdAt(day + 86_400_000) > first)
    .sort((one, other) => other.day - one.day);
}
