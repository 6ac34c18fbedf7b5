import type pg from "pg";

/** Change by themselves: heartbeats, and how far a sweep has come, and sums that are summed up further. */
const RESTLESS = ["node", "sweep", "stat", "stat_flush"];

/** One statement for all tables, made once: they are those of every database. */
let statement: Promise<string> | undefined;

/** What the store holds, by table: a digest of all its rows. Two that are equal mean that nothing was stored between. */
export async function stored(pool: pg.Pool): Promise<Record<string, string>> {
  statement ??= digestsOf(pool);
  const { rows } = await pool.query<{ name: string; digest: string }>(await statement);
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}

async function digestsOf(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ relname: string }>(
    `SELECT relname FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
  );
  const digests = rows.flatMap(({ relname: name }) => {
    // When a key was last used is noted whatever it was used for.
    const row = name === "api_key" ? "(to_jsonb(t) - 'last_used_at')" : "t";
    const digest = `count(*) || ' rows, ' || coalesce(md5(string_agg(${row}::text, ',' ORDER BY ${row}::text)), 'none')`;
    return RESTLESS.includes(name) ? [] : [`SELECT '${name}' AS name, ${digest} AS digest FROM ${name} t`];
  });
  return digests.join(" UNION ALL ");
}
