import { RequestError } from "./errors.ts";

/** The most numbers that one batch takes. */
export const LARGEST_BATCH = 100_000;

/**
 * The numbers in lists of at most `size`, each number once: the first time that it comes, with `+` or without.
 * @throws RequestError for a size that no batch has
 */
export async function* chunksOf(
  numbers: Iterable<string> | AsyncIterable<string>,
  size: number,
): AsyncGenerator<string[], void, void> {
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_BATCH) {
    throw new RequestError(`a batch has 1 to ${LARGEST_BATCH} numbers, and not ${size}`);
  }
  const seen = new Set<string>();
  let chunk: string[] = [];
  for await (const number of numbers) {
    const digits = number.replace(/^\+/, "");
    if (seen.has(digits)) continue;
    seen.add(digits);
    chunk.push(number);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
