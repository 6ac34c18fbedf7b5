/**
 * The keyed hash that stands for a handset in what outlives its erasure (migrations/0005_erasure.sql): SQL for that of
 * `handset`, a bigint. The key is read once for each statement.
 */
export function hashOf(handset: string): string {
  return `handset_hash((SELECT key FROM handset_key), ${handset})`;
}
