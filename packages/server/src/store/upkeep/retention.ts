import type { Pool } from "pg";
import { firstIdAt, timeOf } from "../../message/id.ts";
import { isFinalSql } from "../../message/lifecycle.ts";
import { WEBHOOK } from "../../message/webhook.ts";
import { withBriefLocks } from "../brief-locks.ts";
import type { Database } from "../database.ts";
import { isUndefinedTable } from "../errors.ts";
import { dayOf, listPartitions, PARTITION_KEYS, type PartitionedTable, partitionName } from "./partition-names.ts";
import { ensurePartitions } from "./partitions.ts";

const DAY_MS = 86_400_000;
/** Messages that are looked at in one step: 20 to 50 ms. */
const PAGE = 50_000;
const ROWS = 1_000;
/** A day whose history may go: it ended before the retention began. */
interface Day {
  /** Its begin, epoch milliseconds. */
  at: number;
  first: string;
  /** The first id of the next day. */
  end: string;
}

/**
 * Drops the history of the days that ended before `now - retentionMs` (both milliseconds), the oldest first, and what
 * belongs to it in tables without partitions. A day with something unfinished stays whole: a message without its final
 * state, a webhook that is tried again, one that was exhausted within the retention, a batch that is still held.
 * Identifiers that callers gave stay used, and the ledger is kept.
 * Each step is short; what was begun and broken off is done by the next run. Returns the days that were dropped.
 */
export async function* dropOldDays(pool: Pool, now: number, retentionMs: number): AsyncGenerator<void, string[]> {
  const until = now - retentionMs;
  const dropped: string[] = [];
  for (const at of await oldDays(pool, until)) {
    const day = { at, first: firstIdAt(at), end: firstIdAt(at + DAY_MS) };
    // Rows of a clock that was far off are in the default partition until their day has one of its own.
    try {
      if (!(await ensurePartitions(pool, at, at)) || (yield* isUnfinished(pool, day, until))) continue;
      yield* deleteBelongings(pool, day);
      if (await dropPartitions(pool, day)) dropped.push(new Date(at).toISOString().slice(0, 10));
    } catch (error) {
      // Another program drops it in this moment.
      if (!isUndefinedTable(error)) throw error;
    }
    yield;
  }
  return dropped;
}

/** Days that have rows, and ended before `until`, in their order. */
async function oldDays(db: Database, until: number): Promise<number[]> {
  const partitions = await listPartitions(db);
  const days = partitions.flatMap((name) => dayOf(name) ?? []);
  const strays = Object.entries(PARTITION_KEYS).map(
    ([table, key]) => `(SELECT ${key} AS id FROM ${table}_default ORDER BY 1 LIMIT 1)`,
  );
  const { rows } = await db.query<{ id: string }>({ text: strays.join(" UNION ALL ") });
  days.push(...rows.map(({ id }) => timeOf(id) - (timeOf(id) % DAY_MS)));
  return [...new Set(days)].filter((at) => at + DAY_MS <= until).sort((a, b) => a - b);
}

/** Of the ids from $1 to $2: webhooks that have had no try, and perhaps no row. */
const BUNDLED = "EXISTS (SELECT FROM bundled_webhook WHERE id >= $1 AND id < $2)";

async function* isUnfinished(pool: Pool, { at, first, end }: Day, until: number): AsyncGenerator<void, boolean> {
  const webhooks = partitionName("webhook", at);
  const { rows } = await pool.query<{ unfinished: boolean }>({
    text: `SELECT EXISTS (SELECT FROM pending_batch WHERE id >= $1 AND id < $2)
               OR EXISTS (SELECT FROM message_bundle WHERE id >= $1 AND id < $2)
               OR ${BUNDLED}
               OR EXISTS (SELECT FROM ${webhooks} WHERE next_at IS NOT NULL)
               OR EXISTS (SELECT FROM ${webhooks} WHERE state = ${WEBHOOK.exhausted}
                          AND substring(attempts[cardinality(attempts)] FROM '"at":"([^"]+)"')::timestamptz > $3) AS unfinished`,
    values: [first, end, new Date(until)],
  });
  if (rows[0]?.unfinished !== false) return true;
  // A state is no column of an index. Each message is looked at once, before its day goes.
  for (let after = first; ; ) {
    const { rows: page } = await pool.query<{ unfinished: boolean; last: string | null }>({
      text: `WITH scanned AS MATERIALIZED (
               SELECT id, state FROM ${partitionName("message", at)} WHERE id > $1 ORDER BY id LIMIT ${PAGE}
             )
             SELECT EXISTS (SELECT FROM scanned WHERE NOT (${isFinalSql("state")})) AS unfinished,
                    (SELECT id FROM scanned ORDER BY id OFFSET ${PAGE - 1}) AS last`,
      values: [after],
    });
    const { unfinished, last } = page[0]!;
    if (unfinished) return true;
    if (last === null) return false;
    after = last;
    yield;
  }
}

/** By the ids of the day's batches and messages, which are those of the day. */
const BELONGINGS = [
  ["batch", "id"],
  ["batch_count", "batch_id"],
] as const;

async function* deleteBelongings(pool: Pool, { first, end }: Day): AsyncGenerator<void> {
  for (const [table, key] of BELONGINGS) {
    const text = `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM ${table} WHERE ${key} >= $1 AND ${key} < $2 ORDER BY ${key} LIMIT ${ROWS}))`;
    while (((await pool.query({ text, values: [first, end] })).rowCount ?? 0) > 0) yield;
  }
}

/** Webhooks before the messages that they are about. False where a lock was not had, or a webhook is replayed again. */
async function dropPartitions(pool: Pool, day: Day): Promise<boolean> {
  for (const table of ["webhook", "message_part", "message", "inbound"] as const) {
    if (!(await dropPartition(pool, table, day))) return false;
  }
  return true;
}

/** (DETACH CONCURRENTLY, which would lock less, cannot be had where there is a default partition.) */
async function dropPartition(pool: Pool, table: PartitionedTable, { at, first, end }: Day): Promise<boolean> {
  const name = partitionName(table, at);
  const dropped = await withBriefLocks(pool, async (client) => {
    await client.query(`LOCK TABLE ONLY ${table}, ONLY ${table}_default, ONLY ${name} IN ACCESS EXCLUSIVE MODE`);
    if (table === "webhook") {
      const owed = `SELECT EXISTS (SELECT FROM ${name} WHERE next_at IS NOT NULL) OR ${BUNDLED} AS owed`;
      const { rows } = await client.query<{ owed: boolean }>(owed, [first, end]);
      if (rows[0]?.owed !== false) return false;
    }
    await client.query(`DROP TABLE ${name}`);
    return true;
  });
  return dropped === true;
}
