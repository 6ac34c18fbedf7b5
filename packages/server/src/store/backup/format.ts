/** A store cannot be backed up or restored, for a reason that a person can mend. Nothing was changed. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/**
 * A backup is a gzipped script for psql of data alone: a line of comment that says what it is, the rows of each table as
 * COPY has them, how far the sequences have come, and a line that ends it.
 */
export interface BackupHeader {
  format: 1;
  /** The schema's version, by the migrations that were applied. */
  schema: number;
  /** ISO 8601 */
  at: string;
  /** Days that have partitions of their own, in epoch milliseconds. */
  days: number[];
}

const MARK = "-- messaging-plus backup ";
const COPY = /^COPY ([a-z_]\w*) \(([a-z_]\w*(?:, [a-z_]\w*)*)\) FROM stdin;$/;
const SETVAL = /^SELECT setval\('([a-z_]\w*)', (\d{1,19})\);$/;
/** The line that ends a table's rows. No row is like it: COPY writes a backslash as two. */
export const END_OF_ROWS = "\\.\n";
/** The last line, without which a backup is cut short. */
export const END = "-- end";

export function headerLine(header: BackupHeader): string {
  return `${MARK}${JSON.stringify(header)}\n`;
}

const DAY_MS = 86_400_000;
/** Twenty years of days; a year before them is none in which there was a message. */
const MOST_DAYS = 7_320;
const FIRST_DAY = Date.parse("2000-01-01");
const LAST_DAY = Date.parse("2200-01-01");

/** @throws BackupError where the line is none, or says what no backup says */
export function readHeader(line: string): BackupHeader {
  if (!line.startsWith(MARK)) throw new BackupError("this is no backup of Messaging Plus");
  let header: Partial<BackupHeader>;
  try {
    header = Object(JSON.parse(line.slice(MARK.length))) as Partial<BackupHeader>;
  } catch {
    throw new BackupError("the backup's first line, which says what the backup is of, cannot be read");
  }
  const { format, schema, at, days } = header;
  if (format !== 1) throw new BackupError("the backup is of a form that this program does not know");
  if (!Number.isSafeInteger(schema) || (schema as number) < 1) throw fault("schema");
  if (typeof at !== "string" || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at) || Number.isNaN(Date.parse(at)))
    throw fault("at");
  if (!Array.isArray(days) || days.length > MOST_DAYS || !days.every(isDay)) throw fault("days");
  return { format, schema: schema as number, at, days };
}

function fault(field: string): BackupError {
  return new BackupError(`the backup's first line, which says what the backup is of, has a wrong "${field}"`);
}

function isDay(day: unknown): boolean {
  return (
    Number.isInteger(Number(day)) && typeof day === "number" && day % DAY_MS === 0 && day >= FIRST_DAY && day < LAST_DAY
  );
}

export function copyLine(table: string, columns: string): string {
  return `COPY ${table} (${columns}) FROM stdin;\n`;
}

export function setvalLine(sequence: string, value: string): string {
  return `SELECT setval('${sequence}', ${value});\n`;
}

export type Step =
  | { kind: "copy"; table: string; columns: string }
  | { kind: "setval"; sequence: string; value: string }
  | { kind: "end" }
  | null;

/** What a line between rows asks for; null for one that is none of a backup's. */
export function readStep(line: string): Step {
  if (line === END) return { kind: "end" };
  const [, table, columns] = COPY.exec(line) ?? [];
  if (table !== undefined && columns !== undefined) return { kind: "copy", table, columns };
  const [, sequence, value] = SETVAL.exec(line) ?? [];
  return sequence === undefined || value === undefined ? null : { kind: "setval", sequence, value };
}
