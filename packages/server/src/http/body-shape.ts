const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const ESCAPE = 0x5c;

/** Far deeper than any known body. */
export const MOST_DEEP = 100;
/**
 * Half as many again as the values of the largest batch. 8 MiB hold millions: 2,800,000 empty objects took V8's parser 0.8 s,
 * 700,000 fields 1.2 s, and every look at them as long again.
 */
export const MOST_VALUES = 150_000;
/** Fewer opening brackets cost a parser nothing, however deep they go: at most 4 ms. */
const HARMLESS = 10_000;

/**
 * The reason why a body is costly before anything in it is known: lists and objects nested so deep that V8's parser takes a
 * second to find out (8 MiB of `[` took 2.5 s, 14 times as long as a flat list of that length), or too many values. Null for
 * nearly every body: most are so small, or have so few brackets, that they need no search.
 */
export function costlyShape(json: Uint8Array): "deep" | "crowded" | null {
  // A value takes at least two octets.
  if (json.length <= HARMLESS || (json.length <= 2 * MOST_VALUES && !hasMany(json))) return null;
  return faultyShape(json);
}

/**
 * The same of a body that is passed on as it came: each step writes it as JSON again, and V8 does that by recursion. Of 6,000
 * levels its stack overflowed.
 */
export function faultyShape(json: Uint8Array): "deep" | "crowded" | null {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === QUOTE) at = endOfText(json, at);
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > MOST_DEEP) return "deep";
      if (++values > MOST_VALUES) return "crowded";
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
    else if (byte === COMMA && ++values > MOST_VALUES) return "crowded";
  }
  return null;
}

/** Finds brackets by `indexOf`, 100 times as fast as a look at each byte. Brackets in texts count too. */
function hasMany(json: Uint8Array): boolean {
  let left = HARMLESS;
  for (const bracket of [OPEN_LIST, OPEN_OBJECT]) {
    for (let at = json.indexOf(bracket); at !== -1; at = json.indexOf(bracket, at + 1)) if (left-- === 0) return true;
  }
  return false;
}

function endOfText(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === ESCAPE ? 2 : 1;
  return at;
}
