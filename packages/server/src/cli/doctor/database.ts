import { statfs } from "node:fs/promises";
import type pg from "pg";
import type { Config } from "../../config/config.ts";
import { connectionsOf } from "../../config/engines.ts";
import { asError } from "../../runtime/errors.ts";
import type { StoreConfig } from "../../store/client.ts";
import { connect } from "../../store/connect.ts";
import { embeddedIsMade } from "../../store/embedded/embedded.ts";
import { standbyAway } from "../../store/held.ts";
import { mustKeepSession } from "../../store/pooler.ts";
import { NATURE, type Nature, unusable } from "../../store/unreachable.ts";
import { ensureSchema, explainRights, MIGRATIONS, stateOfSchema } from "../../store/upkeep/migrate.ts";
import { explain } from "../explain.ts";
import { commandLog, onStore } from "../store.ts";
import type { Finding } from "./finding.ts";
import { lookAtKeys } from "./keys.ts";

/** Messages fall due by either clock. */
const CLOCK_TOLERANCE_MS = 2_000;
/** Settings of PostgreSQL that, turned off, let a crash lose committed rows (its manual, "Write Ahead Log"). */
const DURABLE = ["fsync", "full_page_writes", "synchronous_commit"];
const MIB = 1 << 20;

/** The configured database. An embedded one that does not run is started for the look, and stopped again. */
export async function lookAtDatabase(config: Config): Promise<Finding[]> {
  try {
    if (config.database.url === null && !(await embeddedIsMade(config.dataDir))) {
      return [
        { level: "note", about: "database", message: "there is none yet: the first start makes an embedded one" },
      ];
    }
    const log = commandLog({ ...config, log: { ...config.log, level: "silent" } }, "doctor");
    return await onStore(config, log, "beside a program", (database) => look(config, database));
  } catch (error) {
    return [fault("database", error)];
  }
}

async function look(config: Config, database: StoreConfig): Promise<Finding[]> {
  const client = await connect(database, "mplus doctor");
  try {
    const { rows } = await client.query<Nature>(NATURE);
    const reason = unusable(rows[0]!, client);
    if (reason !== null) return [fault("database", reason)];
    if (database.connectionString !== undefined) await mustKeepSession(database, client);
    const settings = [...(await durability(client)), ...(await connections(client, connectionsOf(config)))];
    const findings = [await version(client), ...settings, ...(await clock(client))];
    if (config.database.url === null) findings.push(await disk(client, config.database.minFreeBytes));
    return [...findings, ...(await tables(client, config))];
  } finally {
    await client.end();
  }
}

async function version(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version') AS version");
  return { level: "ok", about: "database", message: `PostgreSQL ${rows[0]!.version}` };
}

async function durability(client: pg.Client): Promise<Finding[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT name FROM pg_settings WHERE name = ANY ($1) AND setting = 'off'",
    [DURABLE],
  );
  const findings = rows.map(({ name }): Finding => {
    const message = `${name} is off: a crash of its machine may lose messages that were answered with 200; set it to on`;
    return { level: "fault", about: "database", message };
  });
  const { rowCount } = await client.query(
    `SELECT WHERE current_setting('synchronous_standby_names') <> ''
       AND current_setting('synchronous_commit') IN ('on', 'remote_apply', 'remote_write')
       AND NOT EXISTS (SELECT FROM pg_stat_replication)`,
  );
  return rowCount === 0 ? findings : [...findings, fault("database", standbyAway())];
}

async function connections(client: pg.Client, needed: number): Promise<Finding[]> {
  const { rows } = await client.query<{ room: number }>(
    `SELECT least(nullif(rolconnlimit, -1), current_setting('max_connections')::int
                  - current_setting('superuser_reserved_connections')::int) AS room
     FROM pg_roles WHERE rolname = current_user`,
  );
  const room = rows[0]?.room ?? 0;
  if (room >= needed) return [];
  const message = `max_connections, or the role's limit, leaves ${room} connections, and a program needs up to ${needed}: raise it, or lower server.workers or engines`;
  return [{ level: "fault", about: "database", message }];
}

async function clock(client: pg.Client): Promise<Finding[]> {
  const asked = Date.now();
  const { rows } = await client.query<{ ms: number }>(
    "SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms",
  );
  const answered = Date.now();
  const { ms } = rows[0]!;
  // Within the round trip nobody can tell.
  const apart = ms < asked ? asked - ms : Math.max(0, ms - answered);
  if (apart < CLOCK_TOLERANCE_MS) return [];
  const message = `this machine's clock and the database's are ${Math.round(apart / 1_000)} s apart: messages are sent, and fail, early or late; set both by NTP`;
  return [{ level: "fault", about: "clock", message }];
}

async function disk(client: pg.Client, minFreeBytes: number): Promise<Finding> {
  const { rows } = await client.query<{ folder: string }>("SELECT current_setting('data_directory') AS folder");
  const { folder } = rows[0]!;
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const message = `${Math.floor(free / MIB)} MiB are free at ${folder}`;
  const floor = `database.minFreeBytes is ${Math.ceil(minFreeBytes / MIB)} MiB`;
  if (free >= 2 * minFreeBytes) return { level: "ok", about: "disk", message };
  if (free >= minFreeBytes) return { level: "warning", about: "disk", message: `${message}: ${floor}` };
  return { level: "fault", about: "disk", message: `${message}, and ${floor}: nothing is accepted (503)` };
}

/** The schema, whether this role may change it, and the keys in it. All of it is rolled back. */
async function tables(client: pg.Client, config: Config): Promise<Finding[]> {
  const { schema } = config.database;
  await client.query("BEGIN");
  try {
    if (schema !== null) await ensureSchema(client, schema, () => {});
    await client.query("CREATE TABLE mplus_doctor ()");
    await client.query("ROLLBACK");
    const { applied, known, finishes } = await stateOfSchema(client, MIGRATIONS);
    const way = finishes
      ? "the rest waits for mplus migrate --finish, once no program of the version before runs"
      : "the next start, or mplus migrate, brings it up to date";
    const pending = `its schema is at version ${applied} of ${known}: ${way}`;
    if (applied < known) return [{ level: "note", about: "database", message: pending }];
    return await lookAtKeys(client, config);
  } catch (error) {
    const explained = config.database.url === null ? error : explainRights(asError(error), client);
    return [fault("database", explained)];
  }
}

function fault(about: Finding["about"], error: unknown): Finding {
  return { level: "fault", about, message: explain(asError(error)) ?? "" };
}
