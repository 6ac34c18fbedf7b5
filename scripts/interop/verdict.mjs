import { isDeepStrictEqual } from "node:util";

/** "works", or what there was in place of what was expected. */
export function judge(seen, expected) {
  return isDeepStrictEqual(seen, expected) ? "works" : `${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`;
}
