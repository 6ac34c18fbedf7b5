import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { lockDefaults, storeIsEmpty } from "../accounts/default-accounts.ts";
import { UNHURRIED } from "../connect.ts";
import { transaction } from "../database.ts";
import { withSettings } from "../pool.ts";
import { migrate } from "../upkeep/migrate.ts";
import { ensurePartitions } from "../upkeep/partitions.ts";
import { BackupError, type BackupHeader, readHeader, readStep } from "./format.ts";
import { Script } from "./script.ts";
import { listTables } from "./tables.ts";

type Log = (level: "info", message: string) => void;

/**
 * Fills an empty store with what `dump` made of another, in one transaction, and brings its schema up to this program's.
 * @param stream the script, unpacked
 * @returns the rows of each table, and the moment that the backup is of
 * @throws BackupError; MigrationError where the backup is of a newer program
 */
export async function load(
  database: pg.ClientConfig,
  stream: AsyncIterable<Buffer>,
  migrations: string,
  log: Log,
): Promise<{ rows: Map<string, number>; at: string }> {
  const script = new Script(stream);
  const header = readHeader((await script.line()) ?? "");
  if (header === null) throw new BackupError("this is no backup of Messaging Plus");
  // Not createPool: rows of a table may take longer than any statement of the flow may.
  const pool = new pg.Pool({ ...withSettings(database, UNHURRIED), max: 1, application_name: "mplus restore" });
  // A loss of the connection shows in the query under way, or in the next.
  pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
  try {
    await prepare(pool, database, header, migrations, log);
    const rows = await transaction(pool, (client) => fill(client, script));
    await migrate(database, migrations, log);
    await pool.query("ANALYZE");
    return { rows, at: header.at };
  } finally {
    await pool.end();
  }
}

/** The schema as the backup has it, with its days. */
async function prepare(
  pool: pg.Pool,
  database: pg.ClientConfig,
  { schema, days }: BackupHeader,
  migrations: string,
  log: Log,
): Promise<void> {
  await migrate(database, migrations, log, schema);
  const { rows } = await pool.query<{ version: number }>("SELECT max(version) AS version FROM schema_migration");
  const { version } = rows[0]!;
  if (version < schema) throw new BackupError(`the backup is of a newer program: its schema is of version ${schema}`);
  if (version > schema) {
    throw new BackupError(`the database has a schema of version ${version}, the backup ${schema}: use an empty one`);
  }
  for (const day of days) await ensurePartitions(pool, day, day);
}

async function fill(client: pg.PoolClient, script: Script): Promise<Map<string, number>> {
  // A program that is started meanwhile waits with its default account, and then finds what is restored.
  await lockDefaults(client);
  if (!(await storeIsEmpty(client))) throw new BackupError("the store is not empty: nothing is restored over it");
  const tables = new Set((await listTables(client)).map(({ table }) => table));
  // Migrations leave rows of their own.
  await client.query(`TRUNCATE ${[...tables].join(", ")}`);
  const rows = new Map<string, number>();
  for (;;) {
    const line = await script.line();
    if (line === null) throw new BackupError("the backup is cut short");
    const step = readStep(line);
    if (step?.kind === "end") return rows;
    if (step?.kind === "setval") await client.query("SELECT setval($1, $2)", [step.sequence, step.value]);
    else if (step?.kind === "copy" && tables.has(step.table)) {
      const { table, columns } = step;
      const copy = client.query(copyFrom(`COPY ${table} (${columns}) FROM STDIN`));
      await pipeline(Readable.from(script.rows()), copy);
      rows.set(table, (rows.get(table) ?? 0) + copy.rowCount);
    } else throw new BackupError(`the backup has a line that is none of its own: ${line.slice(0, 100)}`);
  }
}
