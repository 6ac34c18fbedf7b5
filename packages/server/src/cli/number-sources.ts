import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { nationalNumbers } from "../message/national-number.ts";
import { isNational, linesOf, NoListError, type NoNumber, NumberList, readNumber } from "../message/number-list.ts";
import { csvLine } from "../runtime/csv.ts";
import { endWrongUse } from "./ending.ts";
import { tell } from "./output.ts";
import { progressText, withProgress } from "./progress.ts";

export interface CountryOptions {
  country?: string;
}

export interface NumbersOptions extends CountryOptions {
  column?: string;
  skipInvalid?: boolean;
  rejects?: string;
}

export function withCountry(command: Command): Command {
  return command.option("--country <code>", "the calling code of numbers in national form, as 44", parseCallingCode);
}

/** Adds the argument and the options of a command that takes many numbers. */
export function withNumbers(command: Command): Command {
  return withCountry(
    command
      .argument("<numbers...>", "mobile numbers, @FILE with some a line, or - for standard input")
      .option("--column <name>", "the column of a CSV with the numbers: its name, or its place from 1"),
  )
    .option("--skip-invalid", "take the others where some are no numbers")
    .option("--rejects <file>", "write what is no number there, as CSV with line and reason")
    .addHelpText(
      "after",
      "\nFiles may have comments (#), blank lines, and numbers with blanks, +, 00 or in national form. A number is taken once.",
    );
}

export interface GivenNumbers {
  /** In E.164, as digits, each once. */
  numbers: Set<string>;
  /** Lines on what was left out. */
  left: string[];
}

interface Faults {
  /** The file's name; empty for an argument or standard input. */
  source: string;
  faults: readonly NoNumber[];
}

/** Reads the numbers that were given; ends the command where some are none and are not to be skipped. */
export async function numbersOf(
  given: readonly string[],
  { column, country, skipInvalid, rejects, json }: NumbersOptions & { json?: boolean },
  command: Command,
): Promise<GivenNumbers> {
  const national = nationalOf(country);
  const numbers = new Set<string>();
  const faulty: Faults[] = [];
  let repeated = 0;
  const read = async (): Promise<void> => {
    for (const source of given) {
      const isNumber = source !== "-" && !source.startsWith("@");
      const list = new NumberList({ national, column: isNumber ? undefined : column }, numbers);
      if (isNumber) list.add(source);
      else {
        const file = source === "-" ? process.stdin : createReadStream(source.slice(1));
        for await (const lines of linesOf(file as AsyncIterable<Buffer>)) for (const line of lines) list.add(line);
      }
      list.end();
      repeated += list.repeated;
      faulty.push({ source: source.startsWith("@") ? source.slice(1) : "", faults: list.faults });
    }
  };
  await withProgress((seconds) => progressText("numbers read", numbers.size, null, seconds), read).catch((error) => {
    if (error instanceof NoListError) endWrongUse(command, error.message);
    throw error;
  });
  if (rejects !== undefined) await writeFile(rejects, together(rejectLines(faulty)));
  const count = faulty.reduce((sum, { faults }) => sum + faults.length, 0);
  if (count > 0 && skipInvalid !== true) {
    const said = `${count === 1 ? "1 is no number" : `${count} are no numbers`}; --skip-invalid takes the others`;
    if (json === true) endWrongUse(command, `${said}\n${[...faultLines(faulty)].join("")}`);
    for (const lines of together(faultLines(faulty))) tell(lines.trimEnd());
    endWrongUse(command, said);
  }
  return {
    numbers,
    left: [
      ...(count > 0 ? [`${count} left out, which are no numbers`] : []),
      ...(repeated > 0 ? [`${repeated} left out, which are there twice`] : []),
    ],
  };
}

/** One number in any form that a list has; others stay as they are, for the API to judge. */
export function numberOf(written: string, { country }: CountryOptions, command: Command): string {
  const number = readNumber(written, nationalOf(country));
  if (number === null && country === undefined && isNational(written)) {
    endWrongUse(command, `${written} is in national form: say the country, as in --country 44`);
  }
  return number === null ? written : `+${number}`;
}

function nationalOf(country: string | undefined) {
  return country === undefined ? undefined : nationalNumbers(country);
}

/** As CSV. Mended there, they can be taken again: `--column value`. */
function* rejectLines(faulty: readonly Faults[]): Generator<string> {
  yield csvLine(["file", "line", "value", "reason"]);
  for (const { source, faults } of faulty) {
    for (const { line, value, why } of faults) yield csvLine([source, line, value, why]);
  }
}

function* faultLines(faulty: readonly Faults[]): Generator<string> {
  for (const { source, faults } of faulty) {
    for (const { line, value, why } of faults) {
      yield `${source === "" ? "" : `${source} `}line ${line}: ${JSON.stringify(value)} ${why}\n`;
    }
  }
}

/** A thousand lines in one text: there may be a million, which neither go into one nor are written each. */
function* together(lines: Iterable<string>): Generator<string> {
  let some: string[] = [];
  for (const line of lines) {
    if (some.push(line) < 1_000) continue;
    yield some.join("");
    some = [];
  }
  if (some.length > 0) yield some.join("");
}

function parseCallingCode(text: string): string {
  const [, code] = /^\+?([1-9]\d{0,2})$/.exec(text) ?? [];
  if (code === undefined) throw new InvalidArgumentError("It is not a country's calling code, such as 44.");
  return code;
}
