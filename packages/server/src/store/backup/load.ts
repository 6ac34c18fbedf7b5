import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { withoutValues } from "../../runtime/logged-error.ts";
import { lockDefaults, storeIsEmpty } from "../accounts/default-accounts.ts";
import { connect } from "../connect.ts";
import { isTransientDatabaseError } from "../errors.ts";
import { migrateWithin } from "../upkeep/migrate.ts";
import { PARTITION_KEYS, type PartitionedTable } from "../upkeep/partition-names.ts";
import { createPartition } from "../upkeep/partitions.ts";
import { BackupError, type BackupHeader, readHeader, readStep } from "./format.ts";
import { Script } from "./script.ts";
import { listSequenceNames, listTables } from "./tables.ts";

type Log = (level: "info", message: string) => void;

/** A backup whose first line was read. */
export interface OpenBackup {
  header: BackupHeader;
  script: Script;
}

/**
 * @param stream the script, unpacked
 * @throws BackupError where it does not begin as a backup
 */
export async function openBackup(stream: AsyncIterable<Buffer>): Promise<OpenBackup> {
  const script = new Script(stream);
  return { header: readHeader((await script.line()) ?? ""), script };
}

/**
 * Fills an empty store with what `dump` made of another, and brings its schema up to this program's: all of it in one
 * transaction, so that a file with a fault in it leaves the database as it was. The whole of the file is read before the
 * commit, with the checksum at its end.
 * @returns the rows of each table, and the moment that the backup is of
 * @throws BackupError; MigrationError where the database's schema is not of this program's line
 */
export async function load(
  database: pg.ClientConfig,
  { header, script }: OpenBackup,
  migrations: string,
  log: Log,
): Promise<{ rows: Map<string, number>; at: string }> {
  const client = await connect(database, "mplus restore");
  try {
    await client.query("BEGIN");
    await makeSchema(client, header, migrations, log);
    // A program that is started meanwhile waits with its default account, and then finds what is restored.
    await lockDefaults(client);
    if (!(await storeIsEmpty(client))) throw new BackupError("the store is not empty: nothing is restored over it");
    const tables = await emptied(client, header.days);
    const rows = await fill(client, script, tables);
    await migrateWithin(client, migrations, log);
    await client.query("COMMIT");
    await client.query("ANALYZE");
    return { rows, at: header.at };
  } catch (error) {
    if ((error as { code?: string }).code !== OUT_OF_MEMORY) throw error;
    throw new BackupError(
      `the database cannot lock the tables of ${header.days.length} days at once: raise its max_locks_per_transaction (512 is the embedded one's) and restart it`,
      { cause: error },
    );
  } finally {
    // Ends the session, and with it the transaction where it was not committed.
    await client.end();
  }
}

/** Of PostgreSQL, for its shared memory too. */
const OUT_OF_MEMORY = "53200";

/** The schema as the backup has it. */
async function makeSchema(client: pg.Client, { schema }: BackupHeader, migrations: string, log: Log): Promise<void> {
  await migrateWithin(client, migrations, log, schema);
  const { rows } = await client.query<{ version: number }>("SELECT max(version) AS version FROM schema_migration");
  const { version } = rows[0]!;
  if (version < schema) throw new BackupError(`the backup is of a newer program: its schema is of version ${schema}`);
  if (version > schema) {
    throw new BackupError(`the database has a schema of version ${version}, the backup ${schema}: use an empty one`);
  }
}

/** The tables, by name, with their columns; without the rows that migrations leave, and with the days' partitions. */
async function emptied(client: pg.Client, days: readonly number[]): Promise<Map<string, string>> {
  const tables = new Map((await listTables(client)).map(({ table, columns }) => [table, columns]));
  await client.query(`TRUNCATE ${[...tables.keys()].join(", ")}`);
  const partitioned = (Object.keys(PARTITION_KEYS) as PartitionedTable[]).filter((table) => tables.has(table));
  for (const day of days) for (const table of partitioned) await client.query(createPartition(table, day));
  return tables;
}

async function fill(
  client: pg.Client,
  script: Script,
  tables: ReadonlyMap<string, string>,
): Promise<Map<string, number>> {
  const sequences = new Map((await listSequenceNames(client)).map((name) => [name, null as string | null]));
  const rows = new Map<string, number>();
  for (;;) {
    const line = await script.line();
    if (line === null) throw new BackupError("the backup is cut short");
    const step = readStep(line);
    if (step?.kind === "end") break;
    if (step?.kind === "setval") {
      if (!sequences.has(step.sequence))
        throw new BackupError(`the backup has a sequence that its schema has not: ${step.sequence}`);
      sequences.set(step.sequence, step.value);
    } else if (step?.kind === "copy") {
      const { table, columns } = step;
      const known = tables.get(table);
      if (known === undefined) throw new BackupError(`the backup has a table that its schema has not: ${table}`);
      if (sorted(columns) !== sorted(known))
        throw new BackupError(`the table ${table} has other columns than the backup: ${known}`);
      await copy(client, script, table, columns, rows);
    } else
      throw new BackupError(`the backup has a line that is none of a backup's: ${JSON.stringify(line.slice(0, 100))}`);
  }
  // The end of the file follows the last line: once it is unpacked, its checksum has been checked.
  if ((await script.line()) !== null) throw new BackupError("the backup goes on after its last line");
  const missing = [...tables.keys()].find((table) => !rows.has(table));
  if (missing !== undefined) throw new BackupError(`the backup lacks the table ${missing}`);
  for (const [sequence, value] of sequences) if (value !== null) await setSequence(client, sequence, value);
  return rows;
}

async function copy(client: pg.Client, script: Script, table: string, columns: string, rows: Map<string, number>) {
  const before = rows.get(table) ?? 0;
  try {
    const stream = client.query(copyFrom(`COPY ${table} (${columns}) FROM STDIN`));
    await pipeline(Readable.from(script.rows(), { objectMode: false }), stream);
    rows.set(table, before + stream.rowCount);
  } catch (error) {
    throw error instanceof BackupError ? inTable(table, error) : atRow(table, before, error as Error);
  }
}

/** A rollback does not undo setval, but for a sequence that the same transaction has restarted. */
async function setSequence(client: pg.Client, sequence: string, value: string): Promise<void> {
  try {
    await client.query(`ALTER SEQUENCE ${sequence} RESTART`);
    await client.query("SELECT setval($1, $2)", [sequence, value]);
  } catch (error) {
    if (isTransientDatabaseError(error)) throw error;
    throw new BackupError(`the sequence ${sequence} cannot be at ${value}`, { cause: error });
  }
}

function inTable(table: string, error: BackupError): BackupError {
  return new BackupError(`in the rows of ${table}: ${error.message}`);
}

/** PostgreSQL's fault of a row, with the row's number. @param before rows of the table that were copied before */
function atRow(table: string, before: number, error: Error): Error {
  const { where, code } = error as { where?: string; code?: string };
  if (code === undefined || isTransientDatabaseError(error) || code.startsWith("Z_")) return error;
  const [, line, column] = /^COPY \w+, \D*(\d+)(?:, column (\w+))?/.exec(where ?? "") ?? [];
  const row = line === undefined ? "" : `, row ${before + Number(line)}`;
  return new BackupError(`${table}${row}${column === undefined ? "" : `, ${column}`}: ${withoutValues(error)}`, {
    cause: error,
  });
}

function sorted(columns: string): string {
  return columns.split(", ").sort().join(", ");
}
