import { normaliseMsisdn } from "./msisdn.ts";

/** The ways in which a list of numbers is read. */
export interface NumberListOptions {
  /** The column of a CSV that has the numbers: its name in the first line, or its place from 1. */
  column?: string | undefined;
  /** Reads what is neither in E.164 nor has `00` before it; in digits, null where it is no number. */
  national?: ((written: string) => string | null) | undefined;
}

/** An entry that is no number, as it is written there. */
export interface NoNumber {
  /** From 1. */
  line: number;
  value: string;
  why: string;
}

/** Characters that may stand between digits: blanks, signs, quotes, and those that nobody sees. */
const BETWEEN = /[\s\p{Cf}().\-/"']/gu;
/** `4.47701E+11`, `447700900123.0`: without the dot they would be other numbers. */
const DECIMAL = /^\+?(?:\d[.,]\d+E\+?\d+|\d{7,}\.\d+)$/i;

/** A cell with more lines is taken for one whose quote was forgotten. */
const MOST_LINES = 20;

/** Entries at fault that are kept: a file with more is no list of numbers, and may be too large for the memory. */
const MOST_FAULTS = 1_000_000;
/** Characters of an entry that are kept of a fault. */
const MOST_SHOWN = 100;

/** The file is no list of numbers, or has no such column. */
export class NoListError extends Error {
  override readonly name = "NoListError";
}

/**
 * Reads a list with one number or several a line, or with one in a column of a CSV (RFC 4180; with commas, semicolons or
 * tabs). Blank lines, and those that begin with `#`, are left out. A number may be written with blanks, dashes, dots,
 * brackets and quotes, and with `+` or `00` before the country's code.
 */
export class NumberList {
  /** In E.164, as digits, each once, in the order of the list. */
  readonly numbers: Set<string>;
  readonly faults: NoNumber[] = [];
  /** How many entries are numbers that were there before. */
  repeated = 0;
  readonly #options: NumberListOptions;
  #line = 0;
  #delimiter = ",";
  /** The index of the column; null until the first line. */
  #place: number | null = null;
  /** The lines of a row of a CSV whose last cell goes on in the next line. */
  #open: string[] = [];

  /** @param numbers of the lists before this one, to which its own are added */
  constructor(options: NumberListOptions = {}, numbers = new Set<string>()) {
    this.#options = options;
    this.numbers = numbers;
  }

  /** Reads the next line, without its end. @throws NoListError */
  add(raw: string): void {
    this.#line++;
    const line = raw.trim();
    if (this.#open.length === 0 && (line === "" || line.startsWith("#"))) return;
    if (this.#options.column !== undefined) this.#addToRow(raw);
    else for (const value of this.#valuesOf(line)) this.#take(this.#line, value);
  }

  /** Tells that there are no further lines. */
  end(): void {
    while (this.#open.length > 0) this.#refuseQuote();
  }

  /** The whole line if it is a number, blanks and all; else what stands between its blanks, commas and semicolons. */
  #valuesOf(line: string): string[] {
    return this.#read(line) !== null ? [line] : line.split(/[\s,;]+/).filter((value) => value !== "");
  }

  #addToRow(raw: string): void {
    this.#open.push(raw);
    const row = this.#open.join("\n");
    if (this.#place === null) this.#delimiter = delimiterOf(row);
    const cells = cellsOf(row, this.#delimiter);
    if (cells === null) {
      if (this.#open.length > MOST_LINES) this.#refuseQuote();
      return;
    }
    const line = this.#line - this.#open.length + 1;
    this.#open = [];
    this.#takeRow(cells, line);
  }

  /** The open row's first line is at fault; the others are read without it. */
  #refuseQuote(): void {
    const [first = "", ...others] = this.#open;
    this.#open = [];
    this.#line -= others.length;
    this.#refuse(this.#line, first, "has a quote that does not end");
    for (const line of others) this.add(line);
  }

  #takeRow(cells: readonly string[], line: number): void {
    if (this.#place !== null) {
      this.#take(line, cells[this.#place] ?? "");
      return;
    }
    const { column = "" } = this.#options;
    const named = cells.indexOf(column);
    this.#place = named === -1 && /^\d+$/.test(column) ? Number(column) - 1 : named;
    const first = cells[this.#place];
    if (first === undefined) throw new NoListError(`there is no column ${column} among ${cells.join(", ")}`);
    // By its place the first line may be one of numbers already.
    if (named === -1 && this.#read(first) !== null) this.#take(line, first);
  }

  #take(line: number, value: string): void {
    const number = this.#read(value);
    if (number === null) this.#refuse(line, value, this.#reasonOf(value));
    else if (this.numbers.has(number)) this.repeated++;
    else this.numbers.add(number);
  }

  #refuse(line: number, value: string, why: string): void {
    if (this.faults.length === MOST_FAULTS) throw new NoListError("more than a million entries are no numbers");
    const shown = value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value;
    this.faults.push({ line, value: shown, why });
  }

  #read(value: string): string | null {
    return readNumber(value, this.#options.national);
  }

  #reasonOf(value: string): string {
    const written = value.trim();
    if (written === "") return "is empty";
    if (DECIMAL.test(written)) return "was made a decimal number by a spreadsheet; make the column text there";
    if (this.#options.national !== undefined)
      return "is neither in national form with a zero nor with the country's code, + or 00";
    if (isNational(written)) return "is in national form, and no country is given";
    return "is no mobile number: 7 to 15 digits with the country's code";
  }
}

/** Whether this is written as numbers are within a country, with one zero before them. */
export const isNational = (written: string): boolean => /^\(?0[1-9]/.test(written);

/** A number in any of the forms that people write; in E.164, as digits. Null for anything else. */
export function readNumber(value: string, national?: NumberListOptions["national"]): string | null {
  // In "+44 (0)7700 900123" the zero is only dialled within the country.
  const written = value.replace("(0)", "").replace(BETWEEN, "");
  if (DECIMAL.test(value.trim())) return null;
  if (written.startsWith("+")) return normaliseMsisdn(written);
  if (written.startsWith("00")) return normaliseMsisdn(written.slice(2));
  return national === undefined ? normaliseMsisdn(written) : national(written);
}

/** The cells of a CSV's first line: the names of its columns, where it has some. */
export function firstCells(line: string): string[] {
  return cellsOf(line, delimiterOf(line)) ?? [line];
}

function delimiterOf(line: string): string {
  return [";", "\t", ","].find((one) => line.includes(one)) ?? ",";
}

/** Null where a quote does not end: the row goes on in the next line. */
function cellsOf(row: string, delimiter: string): string[] | null {
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < row.length; at++) {
    const letter = row[at] as string;
    if (quoted && letter === '"' && row[at + 1] === '"') cell += row[++at];
    else if (letter === '"' && (quoted || cell.trim() === "")) quoted = !quoted;
    else if (letter === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += letter;
  }
  return quoted ? null : [...cells, cell.trim()];
}

/**
 * The lines of a file in UTF-8, or in UTF-16 with its mark, as spreadsheets write it; they end in CR, LF or both. Those of a
 * chunk come together.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  let rest = "";
  /** A CR at the end of a chunk, which may be half of a line's end. */
  let half = "";
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    const text = half + decoder.decode(chunk, { stream: true });
    half = text.endsWith("\r") ? "\r" : "";
    // The rest of the chunk before is not looked at again: a file may be one line.
    const [first = "", ...lines] = (half === "" ? text : text.slice(0, -1)).split(/\r\n|\n|\r/);
    const last = lines.pop();
    if (last !== undefined) yield [rest + first, ...lines];
    rest = last ?? rest + first;
  }
  rest += decoder?.decode() ?? "";
  if (rest !== "") yield [rest];
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
