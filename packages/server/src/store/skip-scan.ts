/**
 * A recursive list, for `WITH RECURSIVE`, of the different values of a table's columns: stepping through an index from
 * each value to the next costs a look for each value, whatever number of rows has it (PostgreSQL has no skip scan over
 * a leading column's values before version 18, and none for DISTINCT).
 * @param name of the list; its columns are `keys`
 * @param keys columns, as in `account_id, endpoint`; an index has them in this order
 * @param condition of all rows that count
 * @param first a further condition of the first value alone
 */
export function skipScan(name: string, table: string, keys: string, condition: string, first = "true"): string {
  const last = keys.replace(/\w+/g, "last.$&");
  const step = (further: string) =>
    `SELECT ${keys} FROM ${table} WHERE ${condition} AND ${further} ORDER BY ${keys} LIMIT 1`;
  return `${name} AS (
  (${step(first)})
  UNION ALL
  SELECT next.* FROM ${name} last CROSS JOIN LATERAL (${step(`(${keys}) > (${last})`)}) next
)`;
}
