/**
 * The place where a text stops being JSON, as "line 3, column 7". V8's own message quotes the place, which in a
 * configuration may be a password; and it does not always give the position.
 * @param text of which `JSON.parse` throws
 */
export function jsonPosition(text: string): string {
  // The longest beginning that could still continue as JSON; a longer text can do so only if a shorter one can.
  let [sound, faulty] = [0, text.length + 1];
  while (faulty - sound > 1) {
    const middle = (sound + faulty) >> 1;
    if (couldGoOn(text.slice(0, middle))) sound = middle;
    else faulty = middle;
  }
  const before = text.slice(0, sound);
  const line = before.split("\n").length;
  return `line ${line}, column ${sound - before.lastIndexOf("\n")}`;
}

/** Whether a text is JSON, or only ends too early. */
function couldGoOn(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as SyntaxError;
    const position = /at position (\d+)/.exec(message)?.[1];
    return /Unexpected end|Unterminated/.test(message) || (position !== undefined && Number(position) >= text.length);
  }
}
