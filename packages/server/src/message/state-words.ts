/**
 * The states of a message at a carrier, in the words that operators use and in those of receipts (SMPP 3.4 appendix B), as
 * message_state of SMPP 3.4 §5.2.28 (SKIPPED: SMPP 5.0 §4.7.15).
 */
export const STATE_WORDS = {
  enroute: 1,
  delivered: 2,
  expired: 3,
  deleted: 4,
  undeliverable: 5,
  failed: 5,
  accepted: 6,
  unknown: 7,
  rejected: 8,
  skipped: 9,
  delivrd: 2,
  undeliv: 5,
  acceptd: 6,
  rejectd: 8,
} as const;

/** The message_state of a word in any case; undefined if it is none of these. */
export function messageStateOf(word: string): number | undefined {
  const name = word.toLowerCase();
  return Object.hasOwn(STATE_WORDS, name) ? STATE_WORDS[name as keyof typeof STATE_WORDS] : undefined;
}
