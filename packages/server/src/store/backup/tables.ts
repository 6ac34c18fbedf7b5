import type { Database } from "../database.ts";

/** What is dumped in one go. */
export interface DumpedTable {
  /** The table, or the partition of one. */
  leaf: string;
  /** What its rows are put back into. */
  table: string;
  columns: string;
}

/**
 * The tables in an order in which they can be filled: one refers to others that were made before it. Default partitions
 * come last, because a partition cannot be made while its table's default one is read.
 */
export async function listTables(db: Database): Promise<DumpedTable[]> {
  const { rows } = await db.query<DumpedTable>({
    text: `
SELECT c.relname AS leaf, coalesce(p.relname, c.relname) AS table,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
FROM pg_class c
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
LEFT JOIN pg_class p ON p.oid = i.inhparent
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname <> 'schema_migration'
ORDER BY c.relispartition AND pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', coalesce(p.oid, c.oid), c.relname`,
  });
  return rows;
}

/** How far the sequences have come; those of which nothing was taken yet are left out. */
export async function listSequences(db: Database): Promise<{ name: string; value: string }[]> {
  const { rows } = await db.query<{ name: string; value: string }>({
    text: `SELECT sequencename AS name, last_value::text AS value FROM pg_sequences
           WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY sequencename`,
  });
  return rows;
}

export async function listSequenceNames(db: Database): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>({
    text: "SELECT sequencename AS name FROM pg_sequences WHERE schemaname = current_schema()",
  });
  return rows.map(({ name }) => name);
}
