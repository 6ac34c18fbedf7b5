/**
 * The states of a message at a carrier, in the words that operators use, as message_state of SMPP 3.4 §5.2.28 (SKIPPED:
 * SMPP 5.0 §4.7.15).
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
} as const;
