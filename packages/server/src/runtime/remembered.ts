/**
 * The same function with its results kept, for texts that repeat (callback URLs: parsing one costs 3 to 5 µs, at several
 * places of a message's way). Drops all at once when it is full.
 */
export function remembered<Answer>(answer: (text: string) => Answer, most = 2_000): (text: string) => Answer {
  const known = new Map<string, Answer>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const now = answer(text);
    if (known.size >= most) known.clear();
    known.set(text, now);
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
