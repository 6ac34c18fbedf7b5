/**
 * Characters that a terminal obeys instead of showing them: control characters (C0 except tab and line feed, DEL, C1), which
 * move the cursor, change the title or answer as if somebody had typed; and those that reverse the order of reading
 * (Unicode's explicit bidirectional formatting, UAX #9, 2.1 to 2.5) or begin a false line.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A foreign text that is safe to print: characters that a terminal obeys are written as in JSON, `\u001b`. */
export function shownText(text: string): string {
  return text.replace(OBEYED, escaped);
}

/** The same for one line. */
export function shownLine(text: string): string {
  return shownText(text).replaceAll("\n", "\\n");
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
