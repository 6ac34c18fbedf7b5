const last = 0x7fffffff;

/** The sequence_number after `previous`: 1 to 0x7FFFFFFF and round again (SMPP 3.4 §3.2), past those still in use. */
export function nextSequenceNumber(previous: number, inUse: { has(sequence_number: number): boolean }): number {
  let next = previous;
  do {
    next = next === last ? 1 : next + 1;
  } while (inUse.has(next));
  return next;
}
