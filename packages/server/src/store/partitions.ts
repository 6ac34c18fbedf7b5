import { firstIdAt } from "../message/id.ts";
import type { Database } from "./database.ts";
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
 * Makes the partitions of the days from `from` to `until` (epoch milliseconds) that are missing. A day whose rows are
 * already in the default partition is left there: nothing fails for want of a partition.
 */
export async function ensurePartitions(db: Database, from: number, until: number): Promise<void> {
  const { rows } = await db.query<{ name: string }>({
    text: "SELECT relname AS name FROM pg_class WHERE relispartition AND relkind = 'r'",
  });
  const there = new Set(rows.map((row) => row.name));
  for (let day = from - (from % DAY_MS); day <= until; day += DAY_MS) {
    for (const [table, storage] of Object.entries(TABLES)) {
      const name = partitionName(table as PartitionedTable, day);
      if (there.has(name)) continue;
      const range = `FROM ('${firstIdAt(day)}') TO ('${firstIdAt(day + DAY_MS)}')`;
      await db
        .query({
          text: `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${table} FOR VALUES ${range} WITH (${storage}, ${AUTOVACUUM})`,
        })
        .catch((error: { code?: string }) => {
          if (error.code !== CHECK_VIOLATION && error.code !== DUPLICATE_TABLE) throw error;
        });
    }
  }
}

/** The default partition already has rows of that day. */
const CHECK_VIOLATION = "23514";
/** Another program made it in this moment. */
const DUPLICATE_TABLE = "42P07";
