import { randomBytes } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { lstat, open, rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { ClientConfig } from "pg";
import { loadConfig } from "../../config/config.ts";
import { dump } from "../../store/backup/dump.ts";
import { BackupError } from "../../store/backup/format.ts";
import { load, type OpenBackup, openBackup } from "../../store/backup/load.ts";
import { MIGRATIONS } from "../../store/upkeep/migrate.ts";
import { print } from "../output.ts";
import { progressText, withProgress } from "../progress.ts";
import { commandLog, onStore } from "../store.ts";

const MEGA = 1_000_000;

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
  await mustBeReplaceable(file);
  const log = commandLog(config, "backup");
  const rows = await onStore(config, log, "beside a program", (database, interrupted) =>
    write(database, file, interrupted),
  );
  const { size } = await stat(file);
  const done = () => [...lines(rows), `${file}: ${size} bytes`];
  print({ json }, { file, bytes: size, rows: Object.fromEntries(rows) }, done);
}

/** Fills the configured store, which must be empty, from a file. */
export async function restore(file: string, { config: configFile, json }: BackupOptions): Promise<void> {
  const config = loadConfig({ file: configFile, env: process.env, cwd: process.cwd() });
  const log = commandLog(config, "restore");
  const { rows, at } = await restoreFrom(file, (opened, stop) =>
    onStore(config, log, "alone", (database, interrupted) => {
      interrupted.addEventListener("abort", () => stop(interrupted.reason as Error));
      return load(database, opened, MIGRATIONS, (level, message) => log[level](message));
    }),
  );
  print({ json }, { at, rows: Object.fromEntries(rows) }, () => [...lines(rows), `restored as of ${at}`]);
}

/**
 * A backup replaces only a plain file of its name. A link may lead to somebody else's file, who must not have the texts, and
 * a device must not become a file.
 */
async function mustBeReplaceable(file: string): Promise<void> {
  const there = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (there?.isSymbolicLink()) throw new BackupError(`${file} is a symbolic link: name the file that it leads to`);
  if (there?.isFile() === false) throw new BackupError(`${file} is there, and is no file`);
}

/**
 * Writes the backup beside its place first: the file of its name is always whole, and on the disk. The new file is for its
 * owner alone, under an unpredictable name; if that name is taken all the same (by a link, say), it fails.
 */
async function write(database: ClientConfig, file: string, interrupted: AbortSignal): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  const beside = `${file}.${randomBytes(8).toString("hex")}.new`;
  const handle = await open(beside, "wx", 0o600);
  try {
    const sink = handle.createWriteStream({ flush: true });
    const script = Readable.from(dump(database, rows, interrupted), { objectMode: false });
    const packed = createGzip({ level: 1 });
    await withProgress(
      (seconds) => progressText("MB", packed.bytesWritten / MEGA, null, seconds),
      () => pipeline(script, packed, sink, { signal: interrupted }),
    );
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw interrupted.aborted ? interrupted.reason : error;
  }
  return rows;
}

/**
 * Opens a backup and runs `work` with it; nothing begins if the file is no backup. `stop` ends the reading, and with it the
 * readers.
 */
export async function restoreFrom<Result>(
  file: string,
  work: (opened: OpenBackup, stop: (reason: Error) => void) => Promise<Result>,
): Promise<Result> {
  const packed = createReadStream(file);
  const unpacked = createGunzip();
  // A fault of either ends the reading, too.
  pipeline(packed, unpacked).catch(() => {});
  try {
    const opened = await openBackup(unpacked);
    const { size } = await stat(file);
    return await withProgress(
      (seconds) => progressText("MB", packed.bytesRead / MEGA, size / MEGA, seconds),
      () => work(opened, (reason) => unpacked.destroy(reason)),
    );
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
