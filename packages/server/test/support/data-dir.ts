import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { startEmbedded } from "../../src/store/embedded/embedded.ts";
import { atFileEnd } from "./file-end.ts";

/** A data directory that an unprivileged user may pass through, removed by `removeDataDir`. */
export async function temporaryDataDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mplus-embedded-"));
  await chmod(folder, 0o755);
  return folder;
}

export async function removeDataDir(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

let made: Promise<string> | undefined;

/** One that the embedded database was started in and stopped, for all copies of a test file. */
async function madeDataDir(): Promise<string> {
  const folder = await temporaryDataDir();
  atFileEnd(() => {
    made = undefined;
    return removeDataDir(folder);
  });
  const database = await startEmbedded({ dataDir: folder, log: () => {} });
  await database.stop();
  await rm(join(folder, "postgres", "postgres.log"));
  return folder;
}

/** Puts an embedded database into a data directory, at rest, as the first start and stop leave it: without its initdb. */
export async function putDatabase(dataDir: string): Promise<void> {
  made ??= madeDataDir();
  await mkdir(dataDir, { recursive: true });
  // With owners and modes, which fs.cp does not keep.
  await promisify(execFile)("cp", ["-a", join(await made, "postgres"), dataDir]);
}

/** Runs one statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(connection: pg.ClientConfig, sql: string): Promise<Row[]> {
  const client = new pg.Client(connection);
  // A server that is killed meanwhile rejects the query as well; unheard, its event would end the test run.
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
