import { createReadStream, existsSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { ClientConfig } from "pg";
import { loadConfig } from "../../config/config.ts";
import { dump } from "../../store/backup/dump.ts";
import { BackupError } from "../../store/backup/format.ts";
import { load } from "../../store/backup/load.ts";
import { MIGRATIONS } from "../../store/upkeep/migrate.ts";
import { print } from "../client.ts";
import { commandLog, onStore } from "../store.ts";

export interface BackupOptions {
  config?: string;
  json?: boolean;
}

/** Writes the configured store to a file. */
export async function backup(file: string, { config: configFile, json }: BackupOptions): Promise<void> {
  const config = loadConfig({ file: configFile, env: process.env, cwd: process.cwd() });
  if (config.database.url === null && !existsSync(config.dataDir)) {
    throw new BackupError(`there is no store at ${config.dataDir}`);
  }
  const log = commandLog(config, "backup");
  const rows = await onStore(config, log, "beside a program", (database) => write(database, file));
  const { size } = await stat(file);
  const done = () => [...lines(rows), `${file}: ${size} bytes`];
  print({ json }, { file, bytes: size, rows: Object.fromEntries(rows) }, done);
}

/** Fills the configured store, which is empty, from a file. */
export async function restore(file: string, { config: configFile, json }: BackupOptions): Promise<void> {
  const config = loadConfig({ file: configFile, env: process.env, cwd: process.cwd() });
  const log = commandLog(config, "restore");
  const { rows, at } = await onStore(config, log, "alone", (database) => read(database, file, log));
  print({ json }, { at, rows: Object.fromEntries(rows) }, () => [...lines(rows), `restored as of ${at}`]);
}

/** Writes it beside its place first: what has the name is whole, and on the disk. */
async function write(database: ClientConfig, file: string): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  const beside = `${file}.new`;
  const handle = await open(beside, "w", 0o600);
  try {
    const sink = handle.createWriteStream({ flush: true });
    await pipeline(Readable.from(dump(database, rows), { objectMode: false }), createGzip({ level: 1 }), sink);
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  return rows;
}

async function read(database: ClientConfig, file: string, log: ReturnType<typeof commandLog>) {
  const unpacked = createGunzip();
  // What ends it ends the reading, too.
  pipeline(createReadStream(file), unpacked).catch(() => {});
  try {
    return await load(database, unpacked, MIGRATIONS, (level, message) => log[level](message));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code?.startsWith("Z_") ? new BackupError(`${file} is no backup, or not all of one: ${message}`) : error;
  } finally {
    unpacked.destroy();
  }
}

function lines(rows: ReadonlyMap<string, number>): string[] {
  return [...rows].filter(([, count]) => count > 0).map(([table, count]) => `${table.padEnd(20)}${count}`);
}
