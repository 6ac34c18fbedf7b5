/** A row that stands for several others until each has a row of its own: messages that were accepted together, or the webhooks of a flush. */
export interface BundleRef {
  id: string;
  /** Those without a row of their own yet, as far as this node knows. */
  left: number;
}

/** How many of each open row's are about to get rows of their own. */
export function countBundled(rows: readonly (BundleRef | undefined)[]): Map<BundleRef, number> {
  const counts = new Map<BundleRef, number>();
  for (const open of rows) if (open !== undefined) counts.set(open, (counts.get(open) ?? 0) + 1);
  return counts;
}

/** The open rows of which these are the last: they go with the statement that writes them. */
export function endedBy(counts: ReadonlyMap<BundleRef, number>): string[] {
  return [...counts].flatMap(([{ id, left }, count]) => (left === count ? [id] : []));
}

/** They have been written. */
export function written(counts: ReadonlyMap<BundleRef, number>): void {
  for (const [open, count] of counts) open.left -= count;
}

/**
 * Ends the open rows that `which` says, and runs what gives those of theirs that have no row one.
 * @param which a list `which` of ids, and what it is made from
 */
export function materializing(table: "message_bundle" | "webhook_bundle", which: string, materialized: string): string {
  return `
WITH RECURSIVE ${which}, ended AS (
  DELETE FROM ${table} WHERE id IN (SELECT id FROM which)
)
${materialized}`;
}
