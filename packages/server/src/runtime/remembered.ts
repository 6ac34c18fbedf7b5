/**
 * The same function with its results kept, for keys that repeat (callback URLs: parsing one costs 3 to 5 µs, at several
 * places of a message's way). Drops all at once when it is full.
 */
export function remembered<Key extends string | number, Answer>(
  answer: (key: Key) => Answer,
  most = 2_000,
): (key: Key) => Answer {
  const known = new Map<Key, Answer>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const now = answer(key);
    if (known.size >= most) known.clear();
    known.set(key, now);
    return now;
  };
}

/** The same function with its last result kept, for texts that mostly repeat the last one. */
export function rememberingLast<Answer>(answer: (text: string) => Answer): (text: string) => Answer {
  let last: { text: string; answer: Answer } | null = null;
  return (text) => {
    if (last === null || text !== last.text) last = { text, answer: answer(text) };
    return last.answer;
  };
}
