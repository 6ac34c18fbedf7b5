import { normaliseMsisdn } from "../message/msisdn.ts";

/** The ways in which a list of numbers is read. */
export interface NumbersOptions {
  /** The column of a CSV that has the numbers: its name in the first line, or its place from 1. */
  column?: string | undefined;
  /** The country's calling code for numbers in national form, in digits. */
  country?: string | undefined;
}

/** A number, and the line of its source that it is in, from 1. */
export interface Listed {
  line: number;
  /** In E.164, as digits. */
  number: string;
}

/** An entry that is no number, as it is written there. */
export interface NoNumber {
  line: number;
  value: string;
  why: string;
}

export interface Numbers {
  numbers: Listed[];
  faults: NoNumber[];
}

/**
 * The numbers of a list with one or several a line, or of one column of a CSV (RFC 4180; with commas, semicolons or tabs). Blank
 * lines, and those that begin with `#`, are left out. A number may be written with blanks, dashes, dots and brackets, with `+`
 * or `00` before the country's code, and with the country given in national form (`07700 900123`).
 */
export function readNumbers(text: string, options: NumbersOptions = {}): Numbers {
  const found: Numbers = { numbers: [], faults: [] };
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const take = (line: number, value: string): void => {
    const number = numberOf(value, options.country);
    if (number !== null) found.numbers.push({ line, number });
    else found.faults.push({ line, value, why: reasonOf(value, options.country) });
  };
  let place: number | null = null;
  let delimiter = ",";
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const written = raw.trim();
    if (written === "" || written.startsWith("#")) continue;
    if (options.column === undefined) {
      for (const value of valuesOf(written, options.country)) take(line, value);
    } else if (place === null) {
      delimiter = [";", "\t", ","].find((one) => raw.includes(one)) ?? ",";
      const names = cellsOf(raw, delimiter);
      const isPlace = /^\d+$/.test(options.column);
      place = isPlace ? Number(options.column) - 1 : names.indexOf(options.column);
      if (place < 0 || place >= names.length) {
        throw new RangeError(`there is no column ${options.column} among ${names.join(", ")}`);
      }
      // By its place the first line may be one of numbers already.
      if (isPlace && numberOf(names[place] as string, options.country) !== null) take(line, names[place] as string);
    } else take(line, cellsOf(raw, delimiter)[place] ?? "");
  }
  return found;
}

/** The whole line if it is a number, blanks and all; else what stands between its blanks, commas and semicolons. */
function valuesOf(line: string, country: string | undefined): string[] {
  return numberOf(line, country) !== null ? [line] : line.split(/[\s,;]+/).filter((value) => value !== "");
}

function cellsOf(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] as string;
    if (quoted && letter === '"' && line[at + 1] === '"') cell += line[++at];
    else if (letter === '"' && (quoted || cell.trim() === "")) quoted = !quoted;
    else if (letter === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += letter;
  }
  return [...cells, cell.trim()];
}

function numberOf(value: string, country: string | undefined): string | null {
  // In "+44 (0)7700 900123" the zero is only dialled within the country.
  const written = value.replace("(0)", "").replace(/[\s().\-/]/g, "");
  if (written.startsWith("00")) return normaliseMsisdn(written.slice(2));
  if (country !== undefined && /^0\d/.test(written)) return normaliseMsisdn(country + written.slice(1));
  return normaliseMsisdn(written);
}

function reasonOf(value: string, country: string | undefined): string {
  if (value.trim() === "") return "is empty";
  if (country === undefined && /^\(?0[1-9]/.test(value.trim())) {
    return "is in national form; --country says of which country";
  }
  return "is no mobile number: 7 to 15 digits with the country's code";
}
