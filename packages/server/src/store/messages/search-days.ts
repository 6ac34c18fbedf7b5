import { createHash } from "node:crypto";
import type { PoolClient } from "pg";
import { firstIdAt } from "../../message/id.ts";
import { type MessageDay, messageDays } from "../upkeep/day-indexes.ts";
import { BUNDLED_COLUMNS, MESSAGE_ROW, type MessageRow, ROW_COLUMNS } from "./message-row.ts";
import {
  CHOICE_SETTINGS,
  conditionsOf,
  full,
  type MessageFilter,
  type MessagePage,
  rangeOf,
  type Search,
  Values,
} from "./message-search.ts";

const DAY_MS = 86_400_000;
/** Days that are asked in one statement. */
const MOST_DAYS = 16;
/** Planning a day's table with its 13 indexes takes longer than looking into it: by number, plans good for any value are kept. */
const KEEP_PLANS = "SET LOCAL plan_cache_mode = force_generic_plan";
const PLAN_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan";

/** Days that have their indexes, and the id below which nothing is elsewhere. */
export interface IndexedDays {
  days: readonly MessageDay[];
  below: string;
}

/**
 * By a number: first messages that have no row (what gets its row meanwhile is found there) and rows of a clock that was
 * far off, then one day after the other, those with indexes together.
 */
export async function byNumber(client: PoolClient, search: Search): Promise<MessagePage> {
  const { filter } = search;
  const { digits } = filter.number as NonNullable<MessageFilter["number"]>;
  await client.query(`${CHOICE_SETTINGS}; ${KEEP_PLANS}`);
  const days = within(await messageDays(client), search);
  const values = new Values();
  const conditions = `${rangeOf(search, values)} AND ${isNumber(filter, values)} AND ${conditionsOf(filter, values)}`;
  // The text of a bundle is looked at before it is read.
  const bundled = `
SELECT * FROM (SELECT ${BUNDLED_COLUMNS} FROM bundled_message m) AS m (${ROW_COLUMNS.replaceAll("m.", "")})
WHERE m.id IN (
    SELECT u.id FROM message_bundle l CROSS JOIN LATERAL unnest(l.ids) AS u (id)
    WHERE l.node >= 0 AND strpos(l.messages, ${values.add(`${digits}"`)}) > 0)
  AND NOT EXISTS (SELECT FROM message w WHERE w.id = m.id) AND ${conditions}`;
  const misdated = `SELECT ${ROW_COLUMNS} FROM message_default m WHERE ${conditions}`;
  const found = await newest(client, search, [bundled, misdated], values, true);
  return inDays(client, search, blocks(days), found);
}

/**
 * Goes on below `before` in days that have their indexes, the newest first.
 * @param found rows that were found already
 */
export async function inIndexedDays(
  client: PoolClient,
  search: Search,
  days: readonly MessageDay[],
  found: MessageRow[],
): Promise<MessagePage> {
  await client.query(CHOICE_SETTINGS);
  return inDays(client, search, growing(within(days, search)), found);
}

/**
 * The days of which all that are older have their indexes too, with nothing elsewhere: in the default table, without a
 * row, or in a batch of the sender that is looked for. Null where there is none.
 */
export async function indexedDays(client: PoolClient, { filter, before }: Search): Promise<IndexedDays | null> {
  const all = await messageDays(client);
  const days = all.slice(all.findLastIndex(({ indexed }) => !indexed) + 1);
  const [newestDay] = days;
  if (newestDay === undefined) return null;
  const end = firstIdAt(newestDay.day + DAY_MS);
  const below = end < before ? end : before;
  const values = new Values();
  const bound = values.add(below);
  const inBatches = `s.sender = ${values.add(filter.sender)} AND s.id < ${bound} AND s.id >= ${values.add(filter.first)}`;
  const { rows } = await client.query<{ elsewhere: boolean }>(
    `SELECT EXISTS (SELECT FROM batch s WHERE ${inBatches})
         OR EXISTS (SELECT FROM message_default m WHERE m.id < ${bound})
         OR EXISTS (SELECT FROM message_bundle l WHERE l.id < ${bound}) AS elsewhere`,
    values.all,
  );
  return rows[0]?.elsewhere === false ? { days, below: end } : null;
}

/** One day, and then ever more at once: a plan takes longer than a look. */
function* growing(days: readonly MessageDay[]): Generator<readonly MessageDay[]> {
  for (let from = 0, count = 1; from < days.length; from += count, count = Math.min(count * 2, MOST_DAYS)) {
    yield days.slice(from, from + count);
  }
}

/** A day without indexes alone; the others in groups that are the same today and tomorrow, so that their plans are kept. */
function* blocks(days: readonly MessageDay[]): Generator<readonly MessageDay[]> {
  const blockOf = ({ day, indexed }: MessageDay) => (indexed ? Math.floor(day / DAY_MS / MOST_DAYS) : day);
  for (let from = 0; from < days.length; ) {
    const block = blockOf(days[from] as MessageDay);
    const end = days.findIndex((day, index) => index > from && blockOf(day) !== block);
    yield days.slice(from, end === -1 ? days.length : end);
    if (end === -1) return;
    from = end;
  }
}

async function inDays(
  client: PoolClient,
  search: Search,
  groups: Iterable<readonly MessageDay[]>,
  found: MessageRow[],
): Promise<MessagePage> {
  const { filter, limit, giveUpAt } = search;
  const keepsPlans = filter.number !== null;
  let keeping = keepsPlans;
  for (const asked of groups) {
    const keeps = keepsPlans && asked.every(({ indexed }) => indexed);
    if (keeps !== keeping) await client.query(keeps ? KEEP_PLANS : PLAN_ANEW);
    keeping = keeps;
    found.push(...(await inTables(client, search, asked, keeps)));
    const begin = firstIdAt((asked.at(-1) as MessageDay).day);
    // Messages of the days before are not among these.
    const rows = newestFirst(found).filter(({ id }) => id >= begin);
    if (rows.length > limit) return full(rows, limit);
    if (Date.now() >= giveUpAt) return { rows, next: begin };
  }
  const rows = newestFirst(found);
  return rows.length > limit ? full(rows, limit) : { rows, next: null };
}

/** A row that was found twice, with and without its bundle, once. */
function newestFirst(found: readonly MessageRow[]): MessageRow[] {
  const rows = new Map(found.map((row) => [row.id, row]));
  return [...rows.values()].sort((one, other) => (one.id < other.id ? 1 : -1));
}

/** The newest matching rows of each table. Only where there are indexes has the planner a choice, and statistics for it. */
function inTables(
  client: PoolClient,
  search: Search,
  tables: readonly MessageDay[],
  keepsPlan: boolean,
): Promise<MessageRow[]> {
  const { filter, limit } = search;
  const values = new Values();
  const range = rangeOf(search, values);
  const number =
    filter.number === null
      ? ""
      : ` AND m.destination % 1000000 = ${values.add(Number(filter.number.digits.slice(-6)))} AND ${isNumber(filter, values)}`;
  const most = tables.some(({ indexed }) => indexed) ? values.add(limit + 1) : "";
  const sources = tables.map(({ name, indexed }) => {
    const useIndexes = indexed && filter.number === null;
    const conditions = `${range}${number} AND ${conditionsOf(filter, values, useIndexes)}`;
    const rows = `SELECT ${ROW_COLUMNS} FROM ${name} m WHERE ${conditions}`;
    return indexed ? `(${rows} ORDER BY m.id DESC LIMIT ${most})` : rows;
  });
  return newest(client, search, sources, values, keepsPlan);
}

/** @param keepsPlan whether the connection keeps the statement's plan, for whatever values */
async function newest(
  client: PoolClient,
  { limit }: Search,
  sources: readonly string[],
  values: Values,
  keepsPlan: boolean,
): Promise<MessageRow[]> {
  const text = `
WITH matching AS MATERIALIZED (
  ${sources.join("\n  UNION ALL\n  ")}
), found AS (
  SELECT * FROM matching ORDER BY id DESC LIMIT ${values.add(limit + 1)}
)
${MESSAGE_ROW}`;
  // A name has at most 63 octets. The plans go with the connection, after an hour at most (store/pool.ts).
  const name = keepsPlan ? createHash("sha1").update(text).digest("hex") : undefined;
  return (await client.query<MessageRow>({ name, text, values: values.all })).rows;
}

function isNumber({ number }: MessageFilter, values: Values): string {
  const { digits, whole } = number as NonNullable<MessageFilter["number"]>;
  return whole
    ? `m.destination = ${values.add(digits)}::bigint`
    : `m.destination::text LIKE '%' || ${values.add(digits)}::text`;
}

/** The days' tables that may have rows of the search's range, the newest first. */
function within(days: readonly MessageDay[], { filter: { first, last }, before }: Search): MessageDay[] {
  const upto = before < last ? before : last;
  return days.filter(({ day }) => firstIdAt(day) <= upto && firstIdAt(day + DAY_MS) > first);
}
