/**
 * The same function with its answers remembered, for texts that come again and again (callback URLs: parsing one costs
 * 3 to 5 µs, at several places of a message's way). Forgets all at once when it is full.
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

/** The same function with its last answer remembered, for texts that are mostly what the last one was. */
export function rememberingLast<Answer>(answer: (text: string) => Answer): (text: string) => Answer {
  let last: { text: string; answer: Answer } | null = null;
  return (text) => {
    if (last === null || text !== last.text) last = { text, answer: answer(text) };
    return last.answer;
  };
}
