import type { Pool } from "pg";
import { firstIdAt } from "../../message/id.ts";
import { withBriefLocks } from "../brief-locks.ts";
import { isTransientDatabaseError } from "../errors.ts";
import { listPartitions, PARTITION_KEYS, type PartitionedTable, partitionName } from "./partition-names.ts";

const DAY_MS = 86_400_000;

/** Tables that are partitioned by the time in their ids, with the storage settings of each. */
const TABLES: Record<PartitionedTable, string> = {
  // The final update of every row fits on its page beside the row that was inserted (docs/decisions/events.md).
  message: "fillfactor = 40",
  message_part: "fillfactor = 90",
  webhook: "fillfactor = 90",
  inbound: "fillfactor = 100",
};

const AUTOVACUUM = "autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_insert_scale_factor = 0.4";

/**
 * Makes the partitions of the days from `from` to `until` (epoch milliseconds) that are missing. Rows of such a day that
 * are in the default partition, by a clock that was far off, are moved. Answers whether all are there: where the lock is
 * not had, the default partition takes their rows until the next time.
 */
export async function ensurePartitions(pool: Pool, from: number, until: number): Promise<boolean> {
  let complete = true;
  const there = new Set(await listPartitions(pool));
  for (let day = from - (from % DAY_MS); day <= until; day += DAY_MS) {
    for (const [table, settings] of Object.entries(TABLES) as [PartitionedTable, string][]) {
      const name = partitionName(table, day);
      if (there.has(name)) continue;
      const storage = storageOf(settings);
      const range = rangeOf(day);
      try {
        const create = createPartition(table, day);
        if ((await withBriefLocks(pool, (client) => client.query(create))) === null) complete = false;
      } catch (error) {
        const { code } = error as { code?: string };
        if (code === CHECK_VIOLATION)
          complete = (await moveDay(pool, { table, name, storage, range, day })) && complete;
        else if (code !== DUPLICATE_TABLE) throw error;
      }
    }
  }
  return complete;
}

/** The statement that makes a table's partition of a day (epoch milliseconds of its begin) where it is missing. */
export function createPartition(table: PartitionedTable, day: number): string {
  const name = partitionName(table, day);
  const storage = storageOf(TABLES[table]);
  return `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${table} FOR VALUES ${rangeOf(day)} WITH (${storage})`;
}

function storageOf(settings: string): string {
  return `${settings}, ${AUTOVACUUM}`;
}

function rangeOf(day: number): string {
  return `FROM ('${firstIdAt(day)}') TO ('${firstIdAt(day + DAY_MS)}')`;
}

interface Day {
  table: PartitionedTable;
  name: string;
  storage: string;
  range: string;
  day: number;
}

/**
 * Makes a day's partition from its rows in the default one. Meanwhile everybody waits at the table itself, as when a
 * partition is made: a row that is already on its way into the default one when the new one is attached fails. Where the
 * locks are not had in time the rows stay where they are, to be moved the next time: nothing fails for want of a
 * partition.
 */
async function moveDay(pool: Pool, { table, name, storage, range, day }: Day): Promise<boolean> {
  const key = PARTITION_KEYS[table];
  try {
    const moved = await withBriefLocks(pool, async (client) => {
      await client.query(`LOCK TABLE ONLY ${table}, ONLY ${table}_default IN ACCESS EXCLUSIVE MODE`);
      await client.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL) WITH (${storage})`);
      const rows = `${key} >= '${firstIdAt(day)}' AND ${key} < '${firstIdAt(day + DAY_MS)}'`;
      await client.query(`WITH moved AS (DELETE FROM ${table}_default WHERE ${rows} RETURNING *)
                          INSERT INTO ${name} SELECT * FROM moved`);
      return client.query(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES ${range}`);
    });
    return moved !== null;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== DUPLICATE_TABLE && !isTransientDatabaseError(error)) throw error;
    return false;
  }
}

/** The default partition already has rows of that day. */
const CHECK_VIOLATION = "23514";
/** Another program made it in this moment. */
const DUPLICATE_TABLE = "42P07";
