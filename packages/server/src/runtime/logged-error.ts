/** The form of an error in the log. */
export interface LoggedError {
  type: string;
  message: string;
  stack: string;
  [field: string]: unknown;
}

/**
 * Fields of errors that say where and why, and never hold a value that somebody sent. Of PostgreSQL's (its documentation,
 * 54.8 "Error and Notice Message Fields") `detail`, `where`, `hint`, `internalQuery` and the rest may: a unique violation's
 * detail is the row's key, `where` of a COPY is its line.
 */
const FIELDS = [
  ...["code", "severity", "schema", "table", "column", "dataType", "constraint", "routine"],
  ...["errno", "syscall", "hostname", "address", "port", "path"],
  ...["command_id", "commandStatus", "sequence_number", "fatal", "statusCode", "retryAfterMs"],
];

/** Names in a database error's message that are not values. */
const NAMES = ["schema", "table", "column", "dataType", "constraint"];

/**
 * Classes of SQLSTATE whose messages quote a statement's values: data exceptions, violated constraints, `RAISE`, and
 * PostgreSQL's own faults. Others quote names: of a role, a table, a setting; 22P04, of COPY, of columns.
 */
const QUOTES_VALUES = /^(?:21|22(?!P04)|23|44|P0|XX)...$/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** How deep causes and collected errors are followed, and how many of the latter are logged. */
const MOST_DEEP = 4;
const MOST_COLLECTED = 5;

/**
 * An error for the log: its kind, where it arose and the fields that hold no value. A message may be a customer's text to a
 * handset, which must not get into the log.
 */
export function loggedError(error: unknown): LoggedError {
  return logged(error, MOST_DEEP);
}

function logged(thrown: unknown, deep: number): LoggedError {
  const error = (thrown instanceof Error ? thrown : new Error("no error was thrown, but a value")) as Error &
    Record<string, unknown>;
  const message = withoutValues(error);
  const result: LoggedError = { type: error.constructor.name, message, stack: stackWith(error, message) };
  for (const name of FIELDS) if (isPlain(error[name])) result[name] = error[name];
  if (deep === 0) return result;
  if (error.cause instanceof Error) result.cause = logged(error.cause, deep - 1);
  if (error instanceof AggregateError) {
    result.errors = error.errors.slice(0, MOST_COLLECTED).map((each) => logged(each, deep - 1));
  }
  return result;
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** The message of an error, with quoted values of a statement or of a JSON text replaced by "…". */
export function withoutValues(error: Error): string {
  const { message } = error;
  if (error instanceof SyntaxError) return cut(message, []);
  const fields = error as unknown as Record<string, unknown>;
  const { code, severity } = fields;
  if (typeof code !== "string" || typeof severity !== "string" || !SQLSTATE.test(code)) return message;
  if (!QUOTES_VALUES.test(code)) return message;
  return cut(
    message,
    NAMES.map((name) => fields[name]).filter((name) => typeof name === "string"),
  );
}

/**
 * Values hold quotes themselves, so everything goes from the first quote that is not a known name's to the last one; of any
 * form, since a server may speak another language (lc_messages).
 */
function cut(message: string, names: readonly string[]): string {
  const kept = [...new Set(names)];
  let text = message;
  for (const [index, name] of kept.entries()) text = text.replaceAll(`"${name}"`, `\u0000${index}\u0000`);
  text = text
    .replace(/["„“”«»].*["“”«»]|["„“”«»].*$/s, '"…"')
    .replace(/\b0x[0-9a-f]{2}\b(?: 0x[0-9a-f]{2}\b)*/gi, "…")
    .replace(/\d{5,}/g, "…");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no message of PostgreSQL has a NUL.
  return text.replace(/\u0000(\d+)\u0000/g, (_, index: string) => `"${kept[Number(index)]}"`);
}

/** The stack, which begins with the message, under another. */
function stackWith(error: Error, message: string): string {
  const { name, message: own, stack = "" } = error;
  const at = stack.indexOf(own);
  const frames = at === -1 ? "" : stack.slice(at + own.length);
  return `${name}: ${message}${frames}`;
}
