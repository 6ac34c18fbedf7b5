/** Adds those of a statement's rows that it did not write: another node has taken them over. */
export function addTakenOver(
  lost: Set<string>,
  rows: readonly { id: string }[],
  written: readonly { id: string }[],
): void {
  if (written.length === rows.length) return;
  const ids = new Set(written.map(({ id }) => id));
  for (const { id } of rows) if (!ids.has(id)) lost.add(id);
}
