import type { Pool, PoolClient, QueryConfig } from "pg";
import type { Database } from "../database.ts";
import { dayOf } from "./partition-names.ts";

/**
 * Indexes that a day's messages get when the day is over, by the end of their names. Made at once from sorted rows each
 * costs a fraction of an entry for every message, and no update of a day under way meets them: with a state in an index
 * it would not be HOT. The columns are written as expressions (`+ 0`) so that only searches are planned with them: a
 * statement of the flow that took one for the index of carriers' ids would read a day's rows for each receipt.
 */
export const DAY_INDEXES = {
  number: "(destination % 1000000)",
  account: "(account_id + 0)",
  outcome: "(state + 0), code, (account_id + 0)",
  carrier: "(carrier + 0), (account_id + 0)",
  sender: "sender, (account_id + 0)",
} as const;

const DAY_MS = 86_400_000;
/** Programs on several machines may be this far apart about what day it is. */
const CLOCK_SKEW_MS = 3_600_000;
/** A step of a poller may take two minutes. A day that takes longer keeps what every day has. */
const BUILD_MS = 100_000;
/** Indexes are made by one program at a time ("mplus" in ASCII, and 3). */
const LOCK = 0x6d706c757303;

/** A day's table of messages. */
export interface MessageDay {
  name: string;
  /** Its begin, in epoch milliseconds. */
  day: number;
  /** Whether it has all indexes of a day that is over. */
  indexed: boolean;
}

interface Indexes {
  name: string;
  day: number;
  valid: readonly string[];
  broken: readonly string[];
}

async function indexesOf(db: Database): Promise<Indexes[]> {
  const { rows } = await db.query<Omit<Indexes, "day">>({
    name: "indexes-of-days",
    text: `
SELECT c.relname AS name, coalesce(array_agg(i.relname::text) FILTER (WHERE x.indisvalid), '{}') AS valid,
       coalesce(array_agg(i.relname::text) FILTER (WHERE NOT x.indisvalid), '{}') AS broken
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
LEFT JOIN (pg_index x JOIN pg_class i ON i.oid = x.indexrelid) ON x.indrelid = c.oid
WHERE h.inhparent = 'message'::regclass GROUP BY c.relname`,
  });
  return rows.flatMap((row) => {
    const day = dayOf(row.name);
    return day === null ? [] : [{ ...row, day }];
  });
}

function missing({ name, valid }: Indexes): string[] {
  return Object.keys(DAY_INDEXES)
    .map((by) => indexName(name, by))
    .filter((index) => !valid.includes(index));
}

function indexName(table: string, by: string): string {
  return `${table}_by_${by}`;
}

/** All days' tables, the newest first. */
export async function messageDays(db: Database): Promise<MessageDay[]> {
  const days = await indexesOf(db);
  return days
    .map((each) => ({ name: each.name, day: each.day, indexed: missing(each).length === 0 }))
    .sort((one, other) => other.day - one.day);
}

/**
 * Makes one day's missing indexes, of the newest day that was over an hour before `now` (epoch milliseconds), while
 * others write to it. Answers whether there may be more to do; nothing is done while another program does the same.
 * @param signal ends the statement under way; an index that it leaves unfinished is made anew the next time
 */
export async function indexDay(pool: Pool, now: number, signal: AbortSignal): Promise<boolean> {
  const [next] = (await indexesOf(pool))
    .filter((each) => each.day + DAY_MS + CLOCK_SKEW_MS <= now && missing(each).length > 0)
    .sort((one, other) => other.day - one.day);
  if (next === undefined || signal.aborted) return false;
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ got: boolean; pid: number }>({
      text: `SELECT pg_try_advisory_lock($1) AS got, pg_backend_pid() AS pid, set_config('statement_timeout', $2, false)`,
      values: [LOCK, String(BUILD_MS)],
    });
    const [{ got, pid }] = rows as [{ got: boolean; pid: number }];
    if (!got) return false;
    const cancel = () => void pool.query("SELECT pg_cancel_backend($1)", [pid]).catch(() => {});
    signal.addEventListener("abort", cancel, { once: true });
    await build(client, next, signal).finally(() => signal.removeEventListener("abort", cancel));
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    // The lock would end with the connection, but later: the next step would find it taken, and leave the rest for a while.
    await client.query("SELECT pg_advisory_unlock_all()").catch(() => {});
    client.release(true);
  }
}

async function build(client: PoolClient, day: Indexes, signal: AbortSignal): Promise<void> {
  const { name, broken } = day;
  const run = async (text: string): Promise<void> => {
    if (!signal.aborted) await client.query({ text, query_timeout: 2 * BUILD_MS } as QueryConfig);
  };
  for (const index of missing(day)) {
    if (broken.includes(index)) await run(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
    const by = index.slice(indexName(name, "").length) as keyof typeof DAY_INDEXES;
    await run(`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${index} ON ${name} (${DAY_INDEXES[by]})`);
  }
  // Statistics of the expressions, by which searches are planned.
  await run(`ANALYZE ${name}`);
}
