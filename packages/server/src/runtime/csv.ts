/** RFC 4180: lines end in CR LF; a field with a separator, a quote or the end of a line stands in quotes. */
const QUOTED = /[",\r\n]/;
/**
 * The beginning of a field that spreadsheets take for a formula, also after white space; with an apostrophe before it they
 * show it as it is (OWASP, "CSV Injection"). A number, with its sign or the plus of E.164, is none.
 */
const FORMULA = /^\s*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/** A line of CSV with its end. Null and undefined are empty fields; values other than text are written as JSON. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(field).join(",")}\r\n`;
}

function field(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const harmless = typeof value === "string" && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
