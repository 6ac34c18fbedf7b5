import { createReadStream, existsSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { Command } from "commander";
import type { ClientConfig } from "pg";
import { dump } from "../store/backup/dump.ts";
import { BackupError } from "../store/backup/format.ts";
import { load } from "../store/backup/load.ts";
import { MIGRATIONS } from "../store/migrate.ts";
import { print } from "./client.ts";
import { commandLog, onStore } from "./store.ts";

interface Options {
  config?: string;
  json?: boolean;
}

export function backupCommand(): Command {
  return new Command("backup")
    .description("Writes the whole store to a file, as it is at one moment; the program may run meanwhile")
    .argument("<file>", "where to; it holds texts, numbers and secrets")
    .option("--config <file>", "configuration file")
    .option("--json", "print what was written as JSON")
    .action(async (file: string, { config: configFile, json }: Options) => {
      const { loadConfig } = await import("../config.ts");
      const config = loadConfig({ file: configFile, env: process.env, cwd: process.cwd() });
      if (config.database.url === null && !existsSync(config.dataDir)) {
        throw new BackupError(`there is no store at ${config.dataDir}`);
      }
      const log = commandLog(config, "backup");
      const rows = await onStore(config, log, "beside a program", (database) => write(database, file));
      const { size } = await stat(file);
      const done = () => [...lines(rows), `${file}: ${size} bytes`];
      print({ json }, { file, bytes: size, rows: Object.fromEntries(rows) }, done);
    });
}

export function restoreCommand(): Command {
  return new Command("restore")
    .description("Fills an empty store with a backup; no program may run on it meanwhile")
    .argument("<file>", "what `mplus backup` wrote")
    .option("--config <file>", "configuration file")
    .option("--json", "print what was restored as JSON")
    .action(async (file: string, { config: configFile, json }: Options) => {
      const { loadConfig } = await import("../config.ts");
      const config = loadConfig({ file: configFile, env: process.env, cwd: process.cwd() });
      const log = commandLog(config, "restore");
      const { rows, at } = await onStore(config, log, "alone", (database) => read(database, file, log));
      print({ json }, { at, rows: Object.fromEntries(rows) }, () => [...lines(rows), `restored as of ${at}`]);
    });
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
