import pg, { type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow } from "pg";
import type { Database } from "../../dist/store/database.js";

/** A value as a literal of SQL, for EXECUTE takes no parameters. */
function literal(value: unknown): string {
  if (value === null) return "NULL";
  if (Array.isArray(value)) {
    const quoted = (item: unknown) => `"${String(item).replace(/["\\]/g, (special) => `\\${special}`)}"`;
    const items = value.map((item) => (item === null ? "NULL" : quoted(item)));
    return pg.escapeLiteral(`{${items.join(",")}}`);
  }
  return pg.escapeLiteral(String(value));
}

/**
 * Explains each statement with the plan that the flow has (the generic one, of a prepared statement), in a transaction
 * that is rolled back, and then runs it for real.
 * @param sample how many rows each statement is about, for the headings
 */
export function explaining(client: PoolClient, sample: number): Database {
  return {
    async query<Row extends QueryResultRow>({ name, text, values = [] }: QueryConfig): Promise<QueryResult<Row>> {
      await client.query(`PREPARE explained AS ${text}`);
      await client.query("BEGIN");
      const plan = await client.query<{ "QUERY PLAN": string }>(
        `EXPLAIN (ANALYZE, BUFFERS, WAL, TIMING OFF, SUMMARY ON) EXECUTE explained (${values.map(literal).join(", ")})`,
      );
      await client.query("ROLLBACK");
      await client.query("DEALLOCATE explained");
      process.stdout.write(`\n## ${name}, ${sample} rows\n\n${plan.rows.map((row) => row["QUERY PLAN"]).join("\n")}\n`);
      return client.query<Row>({ text, values: values as unknown[] });
    },
  };
}
