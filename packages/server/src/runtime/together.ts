/**
 * Work whose answer is everybody's: whoever asks while it is under way gets that answer, so that a thousand who ask at
 * once cost as much as one.
 */
export function together<Answer>(work: () => Promise<Answer>): () => Promise<Answer> {
  let underWay: Promise<Answer> | undefined;
  return () => {
    underWay ??= work().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
