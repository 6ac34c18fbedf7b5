/** As many parts as a long message can have (3GPP TS 23.040 §9.2.3.24.1). */
const MOST_ROUNDS = 255;

/**
 * Items in rounds of which none has two with the same key, in their order; keys that repeat more often than there are
 * rounds are in the last one. Some carriers give all parts of a message one id: each receipt is for a part that is still
 * open when its round comes.
 */
export function inRounds<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const rounds: Item[][] = [];
  const times = new Map<string, number>();
  for (const item of items) {
    const key = keyOf(item);
    const round = times.get(key) ?? 0;
    times.set(key, Math.min(round + 1, MOST_ROUNDS - 1));
    rounds[round] ??= [];
    rounds[round].push(item);
  }
  return rounds;
}
