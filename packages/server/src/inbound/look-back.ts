import { firstIdAt } from "../message/id.ts";

const DAY_MS = 86_400_000;
/** How far back to look for the message that a text answers: nearly always a few days. Last, from the start. */
const LOOK_BACK_MS = [2 * DAY_MS, 30 * DAY_MS, Number.POSITIVE_INFINITY];

/**
 * Looks for messages ever further back, until each that is wanted is found.
 * @param find finds those from an id on, each by the place of its `wanted`
 */
export async function lookBack<Wanted, Found>(
  all: readonly Wanted[],
  now: number,
  find: (wanted: readonly Wanted[], since: string) => Promise<Map<number, Found>>,
): Promise<Map<Wanted, Found>> {
  const found = new Map<Wanted, Found>();
  for (const ageMs of LOOK_BACK_MS) {
    const open = all.filter((one) => !found.has(one));
    if (open.length === 0) break;
    for (const [index, message] of await find(open, firstIdAt(now - ageMs))) found.set(open[index]!, message);
  }
  return found;
}
