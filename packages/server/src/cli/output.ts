import { NoAnswerError } from "@messaging-plus/sdk";
import { csvLine } from "../runtime/csv.ts";
import { asError } from "../runtime/errors.ts";
import { shownLine, shownText } from "../runtime/shown.ts";
import { clearProgress } from "./progress.ts";

// All that commands print goes through here: names and texts of others, carriers' words among them, do nothing to a terminal.

function write(stream: NodeJS.WriteStream, text: string): void {
  clearProgress();
  stream.write(text);
}

/** Prints each on one line: a foreign text makes no line of its own. */
export function printLines(lines: readonly string[]): void {
  write(process.stdout, lines.map((line) => `${shownLine(line)}\n`).join(""));
}

/** Prints text of several lines. */
export function printText(text: string): void {
  write(process.stdout, shownText(text));
}

/** How many there are of something: `1 message`, `1200 messages`. */
export function countText(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** Says something beside the answer, at standard error. */
export function tell(text: string): void {
  write(process.stderr, `${shownText(text)}\n`);
}

/**
 * Prints the answer as JSON if that was asked for, else these lines.
 * @throws NoAnswerError where the lines cannot be made of the answer: it has another form
 */
export function print(options: { json?: boolean | undefined }, answer: unknown, lines: () => string[]): void {
  if (options.json === true) printText(`${JSON.stringify(answer)}\n`);
  else printLines(made(lines));
}

function made(lines: () => string[]): string[] {
  try {
    return lines();
  } catch (cause) {
    throw new NoAnswerError(`the answer has another form than this version's: ${asError(cause).message}`, { cause });
  }
}

/** Prints rows as CSV, without formulas for spreadsheets, as in the API's own. */
export function printCsv(names: readonly string[], rows: readonly (readonly unknown[])[]): void {
  // Its lines end in CR LF, and the terminal is to see no other CR.
  write(process.stdout, [names, ...rows].map((row) => `${shownText(csvLine(row).slice(0, -2))}\r\n`).join(""));
}
