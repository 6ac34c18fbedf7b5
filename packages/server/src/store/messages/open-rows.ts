/** A row that stands for several others until each has a row of its own: a lot, or the untried webhooks of a flush. */
export interface OpenRow {
  id: string;
  /** Those without a row of their own yet, as far as this worker knows. */
  left: number;
}

/** How many of each open row's are about to get rows of their own. */
export function countOpen(rows: readonly (OpenRow | undefined)[]): Map<OpenRow, number> {
  const counts = new Map<OpenRow, number>();
  for (const open of rows) if (open !== undefined) counts.set(open, (counts.get(open) ?? 0) + 1);
  return counts;
}

/** The open rows of which these are the last: they go with the statement that writes them. */
export function endedBy(counts: ReadonlyMap<OpenRow, number>): string[] {
  return [...counts].flatMap(([{ id, left }, count]) => (left === count ? [id] : []));
}

/** They have been written. */
export function written(counts: ReadonlyMap<OpenRow, number>): void {
  for (const [open, count] of counts) open.left -= count;
}

/**
 * Ends the open rows that `which` says, and runs what gives those of theirs that have no row one.
 * @param which a list `which` of ids, and what it is made from
 */
export function spilling(table: "lot" | "untried", which: string, spilled: string): string {
  return `
WITH RECURSIVE ${which}, ended AS (
  DELETE FROM ${table} WHERE id IN (SELECT id FROM which)
)
${spilled}`;
}
