import type { PoolClient } from "pg";
import { firstIdAt, timeOf } from "../../message/id.ts";
import { type Connections, transaction } from "../database.ts";
import { BUNDLED_COLUMNS, MESSAGE_ROW, type MessageRow, ROW_COLUMNS } from "./message-row.ts";
import {
  conditionsOf,
  full,
  type MessageFilter,
  type MessagePage,
  SEARCH_SETTINGS,
  type Search,
  Values,
} from "./message-search.ts";
import { byNumber, type IndexedDays, indexedDays, inIndexedDays } from "./search-days.ts";
import { readingBundles } from "./unreadable-bundles.ts";

/** The time after which a page is answered as far as it has come. */
const ENOUGH_MS = 500;
/** Rows that are looked at in one statement: 20 to 50 ms. */
const MOST_SCANNED = 20_000;
/** Rows that are looked at in order before days' indexes are asked, which are for what is rare. */
const PROBE = 1_500;
const DAY_MS = 86_400_000;
/** Bundles of batches that are read in one statement: 500 messages each. */
const MOST_BUNDLES = 20;

/**
 * A page of messages, the newest first, in the order of their ids. A number is looked for day by day. Otherwise rows are
 * read in the order of the primary key; where few of them are wanted, days that are over are asked by their indexes
 * (upkeep/day-indexes.ts). Nobody has a connection for longer than `ENOUGH_MS` and one statement.
 */
export function listMessages(
  database: Connections,
  filter: MessageFilter,
  before: string,
  limit: number,
): Promise<MessagePage> {
  const search = { filter, before, limit, giveUpAt: Date.now() + ENOUGH_MS };
  return readingBundles(database, () =>
    transaction(database, async (client) => {
      await client.query(SEARCH_SETTINGS);
      return filter.number === null ? inOrder(client, search) : byNumber(client, search);
    }),
  );
}

/**
 * Steps down through the ids; each step looks at more rows than the one before, in more days. The tables of other days are not
 * planned: each has 13 indexes, and a page of the newest messages took as long to plan as thirty of them.
 */
async function inOrder(client: PoolClient, search: Search): Promise<MessagePage> {
  const { filter, before, limit, giveUpAt } = search;
  const rows: MessageRow[] = [];
  let below = before;
  let indexed: IndexedDays | null | undefined;
  for (let scanned = limit + 1, seen = 0, days = 1; ; days *= 2) {
    if (seen >= PROBE) {
      if (indexed === undefined) indexed = await indexedDays(client, { ...search, before: below });
      if (indexed !== null && below <= indexed.below) {
        return inIndexedDays(client, { ...search, before: below }, indexed.days, rows);
      }
    }
    const values = new Values();
    let lowest = beginOf(below, days);
    if (lowest < filter.first) lowest = filter.first;
    const [high, last, low, count] = [below, filter.last, lowest, scanned].map((value) => values.add(value));
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
    AND m.id < ${high} AND m.id <= ${last} AND m.id >= (SELECT id FROM reached)
    AND NOT EXISTS (SELECT FROM message w WHERE w.id = m.id AND w.id < ${high} AND w.id >= ${low})
), found AS (
  SELECT * FROM (SELECT * FROM scanned UNION ALL SELECT * FROM bundled) AS m WHERE ${conditionsOf(filter, values)}
  ORDER BY m.id DESC LIMIT ${values.add(limit + 1 - rows.length)}
)
SELECT r.id AS reached, x.* FROM reached r LEFT JOIN (${MESSAGE_ROW}) AS x ON true ORDER BY x.id DESC`;
    const { rows: found } = await client.query<MessageRow & { reached: string }>(text, values.all);
    for (const { reached: _, ...row } of found) if (row.id !== null) rows.push(row);
    if (rows.length > limit) return full(rows, limit);
    below = found[0]?.reached ?? lowest;
    if (below <= filter.first) return { rows, next: null };
    if (Date.now() >= giveUpAt) return { rows, next: below };
    seen += scanned;
    scanned = Math.min(scanned * 16, MOST_SCANNED);
  }
}

/** The lowest id of the days that end with that of `below`, or with today. */
function beginOf(below: string, days: number): string {
  const at = Math.min(timeOf(below), Date.now());
  return firstIdAt(at - (at % DAY_MS) - (days - 1) * DAY_MS);
}
