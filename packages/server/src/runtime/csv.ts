/** RFC 4180: lines end in CR LF, and what holds a separator, a quote or the end of a line stands in quotes. */
const QUOTED = /[",\r\n]/;
/**
 * What spreadsheets take for a formula when a field begins with it, also behind white space; they show it as it is behind
 * an apostrophe (OWASP, "CSV Injection"). A number, with its sign or the plus of E.164, is none.
 */
const FORMULA = /^\s*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/** A line of CSV with its end. Null and undefined are empty fields; what is no text is written as JSON has it. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(field).join(",")}\r\n`;
}

function field(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const harmless = typeof value === "string" && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
