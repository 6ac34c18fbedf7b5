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

/**
 * The rows of array parameters, as the outer side of a join. The LIMIT is their number: for a parameter the planner
 * assumes a tenth of the rows, so it begins with these, and looks each up by index, whatever it believes of the table.
 * (Without it, a plan made while a table was empty read 12,000 messages for each of 1,000 receipts.)
 */
export function rowsOf(arrays: string, count: string): string {
  return `(SELECT * FROM unnest(${arrays}) LIMIT ${count}::int)`;
}

/**
 * The lowest id of rows. As a bound beside the join it lets the executor leave out older days' partitions before it
 * opens them, so that a statement costs the same after a year as on the first day. There is no upper bound: for a range
 * closed on both sides the planner expects so few rows that it may read the range for each of the parameters' rows.
 */
export function lowestId(rows: readonly { id: string }[]): string {
  let lowest = rows[0]?.id ?? "";
  for (const { id } of rows) if (id < lowest) lowest = id;
  return lowest;
}
