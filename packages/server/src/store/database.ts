import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from "pg";

/** What a statement runs on: a pool, or one connection inside a transaction. */
export interface Database {
  query<Row extends QueryResultRow>(query: QueryConfig): Promise<QueryResult<Row>>;
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function transaction<Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch((fault: Error) => {
      broken = fault;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Rows as columns: what `unnest` takes. One pass, one array per column. */
export function columns<Row, const Names extends readonly (keyof Row)[]>(
  rows: readonly Row[],
  names: Names,
): unknown[][] {
  return names.map((name) => rows.map((row) => row[name]));
}

/** How a row's value for one column is read. */
export type Column<Row> = (row: Row) => unknown;

/**
 * The same for the statements of every message, with a function for each column: `row[name]` with the names of all
 * statements in one place misses V8's caches, and took a tenth of what accepting cost.
 */
export function columnsBy<Row>(rows: readonly Row[], read: readonly Column<Row>[]): unknown[][] {
  return read.map((column) => rows.map(column));
}
