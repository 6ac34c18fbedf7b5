/** A store cannot be backed up or restored, for a reason that a person can mend. Nothing was written. */
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

/** Null where it is none. */
export function readHeader(line: string): BackupHeader | null {
  if (!line.startsWith(MARK)) return null;
  const header = JSON.parse(line.slice(MARK.length)) as BackupHeader;
  return header.format === 1 ? header : null;
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
