import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { withoutValues } from "../../runtime/logged-error.ts";
import { PACKAGE_FOLDER } from "../../runtime/package.ts";
import type { StoreConfig } from "../client.ts";
import { connect } from "../connect.ts";
import { unlessHeld } from "../held.ts";
import pg from "../pg.ts";
import { mustKeepSession } from "../pooler.ts";
import { DatabaseUrlError, explainUnreachable, NATURE, type Nature, unusable } from "../unreachable.ts";

/** The migrations of this package. */
export const MIGRATIONS = fileURLToPath(new URL("migrations/", PACKAGE_FOLDER));

/** The newest of them, which this program's schema has. */
export const SCHEMA_VERSION = readMigrations(MIGRATIONS).length;

/** Schema and program do not fit each other; nothing was changed. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

interface Migration {
  version: number;
  name: string;
  file: string;
  /** Programs of the version before run on after it. One without would break them. */
  expands: boolean;
}

/** The versions of the migrations of one call. */
export interface Migrated {
  applied: number[];
  /** Those that would break programs of the version before: they wait for `mplus migrate --finish`. */
  waiting: number[];
}

/**
 * Without `finish`, migrations that would break programs of the version before are left as long as no later one needs them.
 */
export interface MigrateOptions {
  /** The version of the last migration to apply. */
  upTo?: number;
  finish?: boolean;
}

/** Programs that start together take turns ("mplus" in ASCII, and 1: the store's other advisory lock is without). */
const LOCK = 0x6d706c757301;
/** A right that the role lacks, and no schema that it may work in. */
const FOR_THE_OPERATOR = /^(?:42501|3F000)$/;

/**
 * Brings the schema up to this program's, forward only: each file of `folder` that is not applied yet, in its order, in a
 * transaction of its own, with its row in `schema_migration`. `NNNN_name.expand.sql` leaves programs of the version before
 * running. `NNNN_name.sql` would break them: it waits until it is asked for by `finish`, or until a later `expand` needs it.
 * @throws MigrationError where the schema is of a newer program that would break this one, or of another line, or where a
 *   program runs that a migration would break; DatabaseUrlError where the database cannot be used. Both before that change
 */
export async function migrate(
  config: StoreConfig,
  folder: string,
  log: (level: "info", message: string) => void,
  options: MigrateOptions = {},
): Promise<Migrated> {
  const client = await connect(config, "messaging-plus migrate");
  try {
    const migrations = readMigrations(folder);
    const work = async () => {
      if (config.schema !== undefined) await ensureSchema(client, config.schema, log);
      return bringUp(client, migrations, log, options);
    };
    if (config.connectionString === undefined) return await work();
    await mustKeepSession(config, client);
    return await unlessHeld(config, client, work);
  } catch (error) {
    throw config.connectionString === undefined ? error : explainRights(error as Error, client);
  } finally {
    // Ends the session, and with it the lock.
    await client.end();
  }
}

/** The same error, or a DatabaseUrlError where it comes from a right that the role lacks. */
export function explainRights(error: Error, client: pg.Client): Error {
  const cause = error instanceof MigrationError && error.cause instanceof Error ? error.cause : error;
  const { code = "" } = cause as { code?: string };
  return FOR_THE_OPERATOR.test(code) ? explainUnreachable(cause, client) : error;
}

/**
 * The same on a connection of the caller's, as part of the transaction that is open there: what it did is undone with it.
 * The caller knows that no program runs on the store.
 */
export async function migrateWithin(
  client: pg.Client,
  folder: string,
  log: (level: "info", message: string) => void,
  upTo?: number,
): Promise<Migrated> {
  return bringUp(client, readMigrations(folder), log, { ...(upTo === undefined ? {} : { upTo }), finish: true }, true);
}

/** @throws DatabaseUrlError where it is absent and the role may not make it */
export async function ensureSchema(client: pg.Client, schema: string, log: (level: "info", message: string) => void) {
  // Not IF NOT EXISTS, which asks for the right to make it even where it is there.
  const { rows } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
  if (rows.length > 0) return;
  try {
    await client.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
    log("info", `made the schema ${schema}`);
  } catch (error) {
    const { code } = error as { code?: string };
    // Another program was quicker.
    if (code === "42P06" || code === "23505") return;
    if (code !== "42501") throw error;
    const remedy = `CREATE SCHEMA ${pg.escapeIdentifier(schema)} AUTHORIZATION ${pg.escapeIdentifier(client.user ?? "")}`;
    throw new DatabaseUrlError(
      `${schema} is not there, and this role may not make it: an owner of the database can, by ${remedy}`,
      { cause: error },
      "database.schema",
    );
  }
}

async function bringUp(
  client: pg.Client,
  migrations: readonly Migration[],
  log: (level: "info", message: string) => void,
  { upTo, finish = false }: MigrateOptions,
  within = false,
): Promise<Migrated> {
  await mustBeUsable(client);
  await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
  await client.query(
    `CREATE TABLE IF NOT EXISTS schema_migration
      (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
  await client.query("ALTER TABLE schema_migration ADD COLUMN IF NOT EXISTS expands boolean NOT NULL DEFAULT false");
  const applied = await appliedTo(client, migrations);
  const pending = migrations.slice(applied.length, upTo);
  const isNew = applied.length === 0;
  const now = isNew || finish ? pending : pending.slice(0, pending.findLastIndex(({ expands }) => expands) + 1);
  for (const migration of now) {
    if (!isNew && !within && !migration.expands) await mustBeAlone(client, migration.version);
    await apply(client, migration, within);
    if (!isNew) log("info", `applied migration ${migration.version} (${migration.name})`);
  }
  if (isNew) log("info", `made the schema, at version ${now.length}`);
  const waiting = pending.slice(now.length);
  for (const { version, name } of waiting)
    log("info", `migration ${version} (${name}) waits for mplus migrate --finish`);
  return { applied: now.map(({ version }) => version), waiting: waiting.map(({ version }) => version) };
}

/** @throws DatabaseUrlError before the first change to a database that cannot be used */
async function mustBeUsable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<Nature>(NATURE);
  const reason = unusable(rows[0]!, client);
  if (reason !== null) throw reason;
}

/** A program says every second that it lives (lease.ts); one that was silent for so long is dead. */
const SILENCE_MS = 5_000;
const LOOK_MS = 200;

/**
 * Waits until those who died a moment ago are known to be dead.
 * @throws MigrationError where a program lives that does not know this version: what it writes from then on could be read
 *   by nobody
 */
async function mustBeAlone(client: pg.Client, version: number): Promise<void> {
  const { rows: tables } = await client.query<{ there: boolean }>("SELECT to_regclass('node') IS NOT NULL AS there");
  if (tables[0]?.there !== true) return;
  let before: Map<number, number> | undefined;
  for (;;) {
    const { rows } = await client.query<Node>(LIVING, [SILENCE_MS, version]);
    if (rows.length === 0) return;
    const alive = rows.find(({ id, beat }) => before !== undefined && beat > (before.get(id) ?? 0));
    if (alive !== undefined) {
      throw new MigrationError(
        `a program of an earlier version still runs on this database (process ${alive.pid} on ${alive.host}): migration ${version} waits for its end: stop it, then do this again`,
      );
    }
    before ??= new Map(rows.map(({ id, beat }) => [id, beat]));
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const LIVING = `
SELECT id, host, pid, extract(epoch FROM heartbeat_at)::float8 AS beat FROM node
WHERE heartbeat_at > now() - $1 * interval '1 millisecond'
  AND coalesce((to_jsonb(node) ->> 'schema_version')::int, 0) < $2 ORDER BY id`;

interface Node {
  id: number;
  host: string;
  pid: number;
  /** When it last said that it lives, epoch seconds. */
  beat: number;
}

/**
 * How many migrations a database has, and how many this program has.
 * @throws MigrationError where they do not fit each other
 */
export async function stateOfSchema(client: pg.Client, folder: string): Promise<SchemaState> {
  const migrations = readMigrations(folder);
  const { rowCount } = await client.query("SELECT WHERE to_regclass('schema_migration') IS NOT NULL");
  const applied = rowCount === 0 ? 0 : (await appliedTo(client, migrations)).length;
  const finishes = applied > 0 && migrations.slice(applied).every(({ expands }) => !expands);
  return { applied, known: migrations.length, finishes };
}

export interface SchemaState {
  applied: number;
  known: number;
  /** Whether all that are left wait for `mplus migrate --finish`. */
  finishes: boolean;
}

/** @throws MigrationError where they are not the beginning of ours */
async function appliedTo(client: pg.Client, migrations: readonly Migration[]): Promise<Applied[]> {
  // A store of before has no column for it, and nothing that expands.
  const { rows } = await client.query<Applied>(
    `SELECT version, name, coalesce((to_jsonb(m) ->> 'expands')::boolean, false) AS expands
     FROM schema_migration m ORDER BY version`,
  );
  checkLine(rows, migrations);
  return rows;
}

type Applied = Pick<Migration, "version" | "name" | "expands">;

function readMigrations(folder: string): Migration[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .sort();
  return files.map((file, index) => {
    const [, digits, name, expand] = /^(\d{4})_([a-z0-9_]+)(\.expand)?\.sql$/.exec(file) ?? [];
    if (name === undefined) throw new MigrationError(`${file} is not named NNNN_name.sql or NNNN_name.expand.sql`);
    const version = Number(digits);
    if (version !== index + 1) throw new MigrationError(`${file}: migration ${index + 1} should come here`);
    return { version, name, file: `${folder}/${file}`, expands: expand !== undefined };
  });
}

/** The schema's history must be the beginning of ours, but for what a newer program added without breaking this one. */
function checkLine(applied: readonly Applied[], migrations: readonly Migration[]): void {
  const [newest, ours] = [applied.at(-1)?.version ?? 0, migrations.length];
  if (applied.slice(ours).some(({ expands }) => !expands)) {
    throw new MigrationError(
      `the database's schema is at version ${newest}, newer than this program's ${ours}: run a newer program`,
    );
  }
  for (const [index, { version, name }] of applied.slice(0, ours).entries()) {
    const known = migrations[index]!;
    if (version !== known.version) throw new MigrationError(`the database lacks migration ${known.version}`);
    if (name !== known.name) {
      throw new MigrationError(`migration ${version} is "${name}" in the database and "${known.name}" in this program`);
    }
  }
}

async function apply(client: pg.Client, migration: Migration, within: boolean): Promise<void> {
  const { version, name, file, expands } = migration;
  const sql = await readFile(file, "utf8");
  if (!within) await client.query("BEGIN");
  try {
    await client.query("INSERT INTO schema_migration (version, name, expands) VALUES ($1, $2, $3)", [
      version,
      name,
      expands,
    ]);
    await client.query(sql);
    if (!within) await client.query("COMMIT");
  } catch (cause) {
    if (!within) await client.query("ROLLBACK").catch(() => {});
    throw new MigrationError(`migration ${version} (${name}) failed: ${withoutValues(cause as Error)}`, { cause });
  }
}
