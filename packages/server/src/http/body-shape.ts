const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const ESCAPE = 0x5c;

/** Deeper than any body that is known here, by far. */
export const MOST_DEEP = 100;
/**
 * More values than the largest batch has, by half. 8 MiB hold millions: 2,800,000 empty objects took V8's parser 0.8 s,
 * 700,000 fields 1.2 s, and whatever looks at them as long again.
 */
export const MOST_VALUES = 150_000;
/** So many opening brackets cost a parser nothing, however deep they go: 4 ms at the worst. */
const HARMLESS = 10_000;

/**
 * What makes a body costly before anything in it is known: lists and objects nested so deep that it takes V8's parser a
 * second to find out (8 MiB of `[` took it 2.5 s, 14 times what as long a flat list took), or too many values. Null for
 * nearly every body, most of which are so small, or have so few brackets, that they need not be looked through.
 */
export function costlyShape(json: Uint8Array): "deep" | "crowded" | null {
  // A value takes two octets at least.
  if (json.length <= HARMLESS || (json.length <= 2 * MOST_VALUES && !hasMany(json))) return null;
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

/** Finds brackets by `indexOf`, 100 times as fast as looking at each byte. In texts they count too. */
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
