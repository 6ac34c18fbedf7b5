// Functions that the peers share.

import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

const MOST_MS = 30_000;

/** "works", or what there was in place of what was expected. */
export function judge(seen, expected) {
  return isDeepStrictEqual(seen, expected) ? "works" : `${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`;
}

/** What `look` finds, or the last of what it did not once the time is over. */
export async function until(look) {
  const giveUpAt = Date.now() + MOST_MS;
  for (;;) {
    const found = await look();
    if (found || Date.now() > giveUpAt) return found;
    await sleep(50);
  }
}

export async function all(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}
