/** Decides which part a run tries; MPLUS_TEST_SEED repeats it. */
export const SEED = Number(process.env.MPLUS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** MPLUS_TEST_CHANCES asks for a longer run: it tries everything where a usual run tries a part. */
export const LONG = process.env.MPLUS_TEST_CHANCES !== undefined;

/** Parts of a list, of which a usual run takes one. */
const PARTS = 4;
let turn = SEED;

/**
 * Some of them, others at each call: what is tried at every operation and field has all its values there in a longer run,
 * and in a usual one all of them over several.
 */
export function some<Item>(items: readonly Item[], parts = PARTS): readonly Item[] {
  if (LONG) return items;
  const part = turn++ % parts;
  return items.filter((_, index) => index % parts === part);
}
