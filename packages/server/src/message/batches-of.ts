/** The most numbers of one `POST /batch`. */
export const LARGEST_BATCH = 100_000;

/** The numbers of each batch; no batch for no numbers. */
export function batchesOf(numbers: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(numbers.length / LARGEST_BATCH) }, (_, index) =>
    numbers.slice(index * LARGEST_BATCH, (index + 1) * LARGEST_BATCH),
  );
}
