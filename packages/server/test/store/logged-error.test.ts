import { pino } from "pino";
import { afterAll, describe, expect, test } from "vitest";
import { asError } from "../../src/runtime/errors.ts";
import { type LoggedError, loggedError } from "../../src/runtime/logged-error.ts";
import { testDatabase } from "../support/database.ts";

const database = await testDatabase();
afterAll(() => database.close());
const { pool } = database;
await pool.query(`CREATE TABLE text_of (
  number bigint PRIMARY KEY CHECK (number > 447700900000), body varchar(90) UNIQUE, day date, id uuid, parts int)`);
await pool.query("INSERT INTO text_of (number, body) VALUES (447700900123, 'Your \"one\" time code is 91827364')");

const TEXT = 'Your "one" time code is 91827364';
const NUMBER = "447700900123";

/** The error of a statement, as a line of the log. */
async function lineOf(statement: string, values: unknown[]): Promise<{ line: string; err: LoggedError }> {
  const error = await pool.query(statement, values).then(
    () => expect.fail("the statement was executed"),
    (thrown: unknown) => asError(thrown),
  );
  let line = "";
  pino({ serializers: { err: loggedError } }, { write: (text: string) => (line = text) }).error(
    { err: error },
    "failed",
  );
  return { line, err: (JSON.parse(line) as { err: LoggedError }).err };
}

const insert = (column: string) => `INSERT INTO text_of (number, ${column}) VALUES ($1, $2)`;

describe("the log of a statement that failed has no text and no number, but what mends it", () => {
  test.each<[string, string, unknown[], Record<string, unknown>, string]>([
    [
      "a key there is",
      insert("id"),
      [NUMBER, null],
      { code: "23505", table: "text_of", constraint: "text_of_pkey" },
      'duplicate key value violates unique constraint "text_of_pkey"',
    ],
    [
      "a text there is",
      insert("body"),
      ["447700900124", TEXT],
      { code: "23505", constraint: "text_of_body_key" },
      'duplicate key value violates unique constraint "text_of_body_key"',
    ],
    [
      "a check",
      insert("body"),
      ["44770090012", TEXT],
      { code: "23514", constraint: "text_of_number_check" },
      'new row for relation "text_of" violates check constraint "text_of_number_check"',
    ],
    ["no number", insert("parts"), [NUMBER, TEXT], { code: "22P02" }, 'invalid input syntax for type integer: "…"'],
    ["no UUID", insert("id"), [NUMBER, TEXT], { code: "22P02" }, 'invalid input syntax for type uuid: "…"'],
    ["no date", insert("day"), [NUMBER, TEXT], { code: "22007" }, 'invalid input syntax for type date: "…"'],
    [
      "a number beyond its type",
      insert("parts"),
      [NUMBER, NUMBER],
      { code: "22003" },
      'value "…" is out of range for type integer',
    ],
    [
      "a text too long",
      insert("body"),
      [NUMBER, TEXT.repeat(9)],
      { code: "22001" },
      "value too long for type character varying(90)",
    ],
    [
      "a text with a NUL",
      insert("body"),
      [NUMBER, `\u0000${TEXT}`],
      { code: "22021" },
      'invalid byte sequence for encoding "…": …',
    ],
    ["no JSON", "SELECT $1::json", [TEXT], { code: "22P02" }, "invalid input syntax for type json"],
    [
      "words of a function's own",
      "DO $$ BEGIN RAISE 'no % for 447700900123', 'text \"91827364\"'; END $$",
      [],
      { code: "P0001" },
      'no text "…" for …',
    ],
    [
      "a column that is not there",
      "SELECT bodi FROM text_of WHERE body = $1",
      [TEXT],
      { code: "42703" },
      'column "bodi" does not exist',
    ],
  ])("%s", async (_, statement, values, fields, message) => {
    const { line, err } = await lineOf(statement, values);
    expect(line).not.toMatch(/44770090|91827364|one.{0,3} time/);
    expect(err).toMatchObject({ type: "DatabaseError", message, ...fields });
    expect(err.stack).toContain(`error: ${message}\n    at `);
    for (const field of ["detail", "where", "hint", "internalQuery"]) expect(err).not.toHaveProperty(field);
  });

  test("wherever in an error it is", async () => {
    const error = await pool.query(insert("body"), ["447700900124", TEXT]).catch(asError);
    const outer = new AggregateError([error], "several", { cause: new Error("a cause", { cause: error }) });
    const text = JSON.stringify(loggedError(outer));
    expect(text).not.toMatch(/44770090|91827364/);
    expect(text.match(/text_of_body_key/g)?.length).toBeGreaterThanOrEqual(4);
  });

  test("in another language", () => {
    const error = Object.assign(new Error(`ungültige Eingabesyntax für Typ integer: »${TEXT}«`), {
      code: "22P02",
      severity: "FEHLER",
    });
    expect(loggedError(error).message).toBe('ungültige Eingabesyntax für Typ integer: "…"');
  });
});

test("the log of a JSON text that cannot be read does not quote it", () => {
  for (const text of [TEXT, `{"to": ${NUMBER}, "body": ${TEXT}`, '"']) {
    let error = new Error();
    try {
      JSON.parse(text);
    } catch (thrown) {
      error = asError(thrown);
    }
    expect(JSON.stringify(loggedError(error))).not.toMatch(/44770090|91827364|one.{0,3} time/);
    expect(loggedError(error).stack).toContain("\n    at ");
  }
});

test("other errors are told as they are, with the fields that say where", () => {
  const error = Object.assign(new Error('connect "there" 12345678'), { code: "ECONNREFUSED", port: 2775, body: TEXT });
  const { stack, ...rest } = loggedError(error);
  expect(rest).toEqual({ type: "Error", message: 'connect "there" 12345678', code: "ECONNREFUSED", port: 2775 });
  expect(stack).toBe(error.stack);
});
