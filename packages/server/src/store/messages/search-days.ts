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
  NO_ROW,
  rangeOf,
  type Search,
  Values,
} from "./message-search.ts";

const DAY_MS = 86_400_000;
/** Days that are asked in one statement. */
const MOST_DAYS = 16;

/**
 * By a number: first messages that have no row (what gets its row meanwhile is found there), then rows of a clock that
 * was far off, then the days, those with indexes together.
 */
export async function byNumber(client: PoolClient, search: Search): Promise<MessagePage> {
  const { digits } = search.filter.number as NonNullable<MessageFilter["number"]>;
  await client.query(CHOICE_SETTINGS);
  const found: MessageRow[] = [];
  const values = new Values();
  // The text of a bundle is looked at before it is read.
  const bundled = `
SELECT * FROM (SELECT ${BUNDLED_COLUMNS} FROM bundled_message m) AS m (${ROW_COLUMNS.replaceAll("m.", "")})
WHERE m.id IN (
    SELECT u.id FROM message_bundle l CROSS JOIN LATERAL unnest(l.ids) AS u (id)
    WHERE l.node >= 0 AND strpos(l.messages, ${values.add(`${digits}"`)}) > 0)
  AND ${NO_ROW} AND ${isNumber(search.filter, values)} AND ${rangeOf(search, values)} AND ${conditionsOf(search.filter, values)}`;
  found.push(...(await newest(client, search, [bundled], values)));
  found.push(...(await inTables(client, search, [{ name: "message_default", indexed: false }])));
  return inDays(client, search, blocks(await daysWithin(client, search)), found);
}

/**
 * Goes on below `before` in days that have their indexes, the newest first.
 * @param found rows that were found already
 */
export async function inIndexedDays(client: PoolClient, search: Search, found: MessageRow[]): Promise<MessagePage> {
  await client.query(CHOICE_SETTINGS);
  return inDays(client, search, growing(await daysWithin(client, search)), found);
}

/**
 * The id below which all days have their indexes and nothing is elsewhere: in the default table, without a row, or in a
 * batch of the sender that is looked for. Null where there is no such day.
 */
export async function indexedBelow(client: PoolClient, { filter, before }: Search): Promise<string | null> {
  const days = await messageDays(client);
  const open = days.findLastIndex(({ indexed }) => !indexed);
  const newestIndexed = days[open + 1];
  if (newestIndexed === undefined) return null;
  const end = firstIdAt(newestIndexed.day + DAY_MS);
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
  return rows[0]?.elsewhere === false ? end : null;
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
  const { limit, giveUpAt } = search;
  for (const asked of groups) {
    found.push(...(await inTables(client, search, asked)));
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
  tables: readonly Pick<MessageDay, "name" | "indexed">[],
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
  const keepsPlan = filter.number !== null && tables.every(({ indexed }) => indexed);
  return newest(client, search, sources, values, keepsPlan);
}

/** @param keepsPlan whether the connection keeps the statement's plan, for whatever values */
async function newest(
  client: PoolClient,
  { limit }: Search,
  sources: readonly string[],
  values: Values,
  keepsPlan = false,
): Promise<MessageRow[]> {
  const text = `
WITH matching AS MATERIALIZED (
  ${sources.join("\n  UNION ALL\n  ")}
), found AS (
  SELECT * FROM matching ORDER BY id DESC LIMIT ${values.add(limit + 1)}
)
${MESSAGE_ROW}`;
  if (!keepsPlan) return (await client.query<MessageRow>(text, values.all)).rows;
  // A name has at most 63 octets. The plans go with the connection, after an hour at most (store/pool.ts).
  const name = createHash("sha1").update(text).digest("hex");
  await client.query("SET LOCAL plan_cache_mode = force_generic_plan");
  const { rows } = await client.query<MessageRow>({ name, text, values: values.all });
  await client.query("SET LOCAL plan_cache_mode = force_custom_plan");
  return rows;
}

function isNumber({ number }: MessageFilter, values: Values): string {
  const { digits, whole } = number as NonNullable<MessageFilter["number"]>;
  return whole
    ? `m.destination = ${values.add(digits)}::bigint`
    : `m.destination::text LIKE '%' || ${values.add(digits)}::text`;
}

/** The days' tables that may have rows of the search's range, the newest first. */
async function daysWithin(client: PoolClient, { filter: { first, last }, before }: Search): Promise<MessageDay[]> {
  const upto = before < last ? before : last;
  const days = await messageDays(client);
  return days.filter(({ day }) => firstIdAt(day) <= upto && firstIdAt(day + DAY_MS) > first);
}
