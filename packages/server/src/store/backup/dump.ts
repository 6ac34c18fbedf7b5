import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { connect } from "../connect.ts";
import { BackupError, copyLine, END, END_OF_ROWS, headerLine, setvalLine } from "./format.ts";
import { type DumpedTable, listSequences, listTables } from "./tables.ts";

const UNDEFINED_TABLE = "42P01";
const SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/**
 * The store as it was at one moment, as a script (format.ts). One connection holds the snapshot, and another reads a
 * table after the other in it, in a transaction for each: no table stays locked for longer than it is read, so that
 * partitions can be made and dropped meanwhile. One that is dropped before its turn is left out.
 * @param rows told how many each table has, as it is done
 * @param interrupted ends it, whatever it waits for
 * @throws BackupError where the database holds no store
 */
export async function* dump(
  database: pg.ClientConfig,
  rows: Map<string, number>,
  interrupted?: AbortSignal,
): AsyncGenerator<string | Buffer> {
  const holder = await connect(database, "mplus backup");
  const reader = await connect(database, "mplus backup");
  // A statement that is under way does not keep them: the connection is cut.
  interrupted?.addEventListener("abort", () => void Promise.allSettled([holder.end(), reader.end()]));
  try {
    const { rows: there } = await holder.query<{ made: boolean }>(
      "SELECT to_regclass('schema_migration') IS NOT NULL AS made",
    );
    if (!there[0]!.made) throw new BackupError("there is no store in this database");
    await holder.query(SNAPSHOT);
    const { snapshot, schema, at } = (await holder.query<Moment>(MOMENT)).rows[0]!;
    const tables = await listTables(holder);
    yield headerLine({ format: 1, schema, at: at.toISOString(), days: daysOf(tables) });
    for (const table of tables) yield* dumpTable(reader, snapshot, table, rows);
    for (const { name, value } of await listSequences(holder)) yield setvalLine(name, value);
    yield `${END}\n`;
  } finally {
    await Promise.all([holder.end(), reader.end()]);
  }
}

interface Moment {
  snapshot: string;
  schema: number;
  at: Date;
}

const MOMENT =
  "SELECT pg_export_snapshot() AS snapshot, now() AS at, (SELECT max(version) FROM schema_migration) AS schema";

async function* dumpTable(
  client: pg.Client,
  snapshot: string,
  { leaf, table, columns }: DumpedTable,
  rows: Map<string, number>,
): AsyncGenerator<string | Buffer> {
  await client.query(SNAPSHOT);
  await client.query(`SET TRANSACTION SNAPSHOT '${snapshot}'`);
  try {
    await client.query(`LOCK TABLE ONLY ${leaf} IN ACCESS SHARE MODE`);
  } catch (error) {
    if ((error as { code?: string }).code !== UNDEFINED_TABLE) throw error;
    await client.query("ROLLBACK");
    return;
  }
  yield copyLine(table, columns);
  const stream = client.query(copyTo(`COPY ${leaf} (${columns}) TO STDOUT`));
  for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  yield END_OF_ROWS;
  await client.query("COMMIT");
  rows.set(table, (rows.get(table) ?? 0) + stream.rowCount);
}

/** The days that partitions are named for. */
function daysOf(tables: readonly DumpedTable[]): number[] {
  const names = tables.flatMap(({ leaf }) => /_(\d{4})(\d\d)(\d\d)$/.exec(leaf)?.slice(1).join("-") ?? []);
  return [...new Set(names)].sort().map((name) => Date.parse(name));
}
