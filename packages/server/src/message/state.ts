/**
 * The life of a message, whole:
 *
 *     accepted ──▶ submitted ──▶ delivered
 *        │  │          ├───────▶ failed
 *        │  │          └─▶ accepted (it failed, and is to be tried by another channel)
 *        │  └─▶ delivered         (the receipt met the submit's answer)
 *        └────▶ failed            (refused, no route, out of time)
 *
 * Final once, never turned over: there is no move out of `delivered` and `failed`. The numbers are what the store keeps.
 */
export const ACCEPTED = 0;
export const SUBMITTED = 1;
export const DELIVERED = 2;
export const FAILED = 3;

export type MessageState = typeof ACCEPTED | typeof SUBMITTED | typeof DELIVERED | typeof FAILED;
export type FinalState = typeof DELIVERED | typeof FAILED;

const MOVES: Record<MessageState, readonly MessageState[]> = {
  [ACCEPTED]: [SUBMITTED, DELIVERED, FAILED],
  [SUBMITTED]: [DELIVERED, FAILED, ACCEPTED],
  [DELIVERED]: [],
  [FAILED]: [],
};

export function isLegalMove(from: MessageState, to: MessageState): boolean {
  return MOVES[from].includes(to);
}

export function isFinal(state: MessageState): state is FinalState {
  return MOVES[state].length === 0;
}

/** What one receipt of a part says; null while it is not known. */
export type PartOutcome = { delivered: boolean; code: string } | null;

/** Which parts' receipts make the message: by carrier, `longMessageReceipts`. */
export type LongMessageReceipts = "all" | "first" | "last";

/**
 * The message that its parts make: failed as soon as one is, with that part's code; delivered when all that count are.
 * Null while it is open.
 */
export function outcomeOfParts(parts: readonly PartOutcome[], counts: LongMessageReceipts): PartOutcome {
  const failed = parts.find((part) => part !== null && !part.delivered);
  if (failed !== undefined) return failed;
  const deciding = counts === "all" ? parts : [counts === "first" ? parts[0] : parts.at(-1)];
  return deciding.every((part) => part !== null && part !== undefined) ? (deciding.at(-1) ?? null) : null;
}
