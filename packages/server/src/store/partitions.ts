import type { Pool } from "pg";
import { firstIdAt } from "../message/id.ts";
import { transaction } from "./database.ts";
import { isTransientDatabaseError } from "./errors.ts";
import { type PartitionedTable, partitionName } from "./partition-names.ts";

const DAY_MS = 86_400_000;

/** Tables that are partitioned by the time in their ids, with the storage settings of each. */
const TABLES: Record<PartitionedTable, string> = {
  // Two updates follow each insert; the final one is HOT where its page has room for it.
  message: "fillfactor = 70",
  message_part: "fillfactor = 90",
  webhook: "fillfactor = 90",
  inbound: "fillfactor = 100",
};

const AUTOVACUUM = "autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_insert_scale_factor = 0.4";

/**
 * Makes the partitions of the days from `from` to `until` (epoch milliseconds) that are missing. Rows of such a day that
 * are in the default partition, by a clock that was far off, are moved.
 */
export async function ensurePartitions(pool: Pool, from: number, until: number): Promise<void> {
  const { rows } = await pool.query<{ name: string }>({
    text: "SELECT relname AS name FROM pg_class WHERE relispartition AND relkind = 'r'",
  });
  const there = new Set(rows.map((row) => row.name));
  for (let day = from - (from % DAY_MS); day <= until; day += DAY_MS) {
    for (const [table, settings] of Object.entries(TABLES)) {
      const name = partitionName(table as PartitionedTable, day);
      if (there.has(name)) continue;
      const storage = `${settings}, ${AUTOVACUUM}`;
      const range = `FROM ('${firstIdAt(day)}') TO ('${firstIdAt(day + DAY_MS)}')`;
      try {
        await pool.query(
          `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${table} FOR VALUES ${range} WITH (${storage})`,
        );
      } catch (error) {
        const { code } = error as { code?: string };
        if (code === CHECK_VIOLATION) await moveDay(pool, { table, name, storage, range, day });
        else if (code !== DUPLICATE_TABLE) throw error;
      }
    }
  }
}

interface Day {
  table: string;
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
async function moveDay(pool: Pool, { table, name, storage, range, day }: Day): Promise<void> {
  const key = table === "message_part" ? "message_id" : "id";
  try {
    await transaction(pool, async (client) => {
      await client.query(`LOCK TABLE ONLY ${table}, ONLY ${table}_default IN ACCESS EXCLUSIVE MODE`);
      await client.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL) WITH (${storage})`);
      const rows = `${key} >= '${firstIdAt(day)}' AND ${key} < '${firstIdAt(day + DAY_MS)}'`;
      await client.query(`WITH moved AS (DELETE FROM ${table}_default WHERE ${rows} RETURNING *)
                          INSERT INTO ${name} SELECT * FROM moved`);
      await client.query(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES ${range}`);
    });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== DUPLICATE_TABLE && !isTransientDatabaseError(error)) throw error;
  }
}

/** The default partition already has rows of that day. */
const CHECK_VIOLATION = "23514";
/** Another program made it in this moment. */
const DUPLICATE_TABLE = "42P07";
