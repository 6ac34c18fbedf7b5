import type pg from "pg";

/** Change by themselves: heartbeats, and how far a sweep has come, and sums that are summed up further. */
const RESTLESS = ["node", "sweep", "stat", "stat_flush"];

/** What the store holds, by table: a digest of all its rows. Two that are equal mean that nothing was stored between. */
export async function stored(pool: pg.Pool): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ relname: string }>(
    `SELECT relname FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
  );
  const tables = rows.map(({ relname }) => relname).filter((name) => !RESTLESS.includes(name));
  const digests = tables.map(async (table) => {
    // When a key was last used is noted whatever it was used for.
    const row = table === "api_key" ? "(to_jsonb(t) - 'last_used_at')" : "t";
    const found = await pool.query<{ digest: string }>(
      `SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(${row}::text, ',' ORDER BY ${row}::text)), 'none') AS digest FROM ${table} t`,
    );
    return [table, found.rows[0]!.digest] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}
