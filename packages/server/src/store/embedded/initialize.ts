import { spawn } from "node:child_process";
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { majorVersion } from "./binaries.ts";
import { EmbeddedDatabaseError, whyNotRun } from "./error.ts";
import type { Place } from "./place.ts";
import { privateFolder } from "./place.ts";
import { isRunning } from "./postmaster-file.ts";
import { serverEnvironment } from "./server-environment.ts";

/**
 * Until the log has reached its size, each new segment is written full of zeros first, and all commits wait for that:
 * with the usual 16 MB others' requests took 60 ms at the 99th percentile during a flood, with 4 MB they take 33.
 */
const WAL_SEGMENT_MB = 4;
const UNFINISHED = /^initdb-(\d+)$/;

/**
 * Makes the data directory where there is none yet. initdb works in a folder of another name, which takes its place by
 * a rename once all of it is flushed: so what stands under the name `data` is whole, whenever we are killed.
 */
export async function initialize({ root, data, binaries, user }: Place): Promise<void> {
  await removeUnfinished(root);
  const version = await readFile(join(data, "PG_VERSION"), "utf8").catch(missing);
  if (version !== null) {
    const wanted = majorVersion(binaries);
    if (version.trim() === wanted) return;
    throw new EmbeddedDatabaseError(
      `the database in ${data} is of PostgreSQL ${version.trim()}, this program's is ${wanted}: dump it with the old program and load it with this one`,
    );
  }
  const unfinished = await privateFolder(join(root, `initdb-${process.pid}`), user);
  await initdb({ binaries, user, data: unfinished });
  try {
    await rename(unfinished, data);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another program on the same folder was faster: its data directory is as good as ours.
    if ((await readFile(join(data, "PG_VERSION"), "utf8").catch(missing)) === null) throw error;
  }
  await syncFolder(root);
}

/**
 * 0.5 s, of which 0.1 s is flushing. The built-in C.UTF-8 locale knows Unicode's letters, compares bytes, and never
 * changes with the machine's libraries, as indexes on text must not.
 */
async function initdb({ binaries, user, data }: Pick<Place, "binaries" | "user" | "data">): Promise<void> {
  const args = ["--pgdata", data, "--username=mplus", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"];
  args.push("--builtin-locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject");
  args.push(`--wal-segsize=${WAL_SEGMENT_MB}`);
  const child = spawn(join(binaries.folder, "bin", "initdb"), args, {
    cwd: data,
    env: serverEnvironment(binaries),
    stdio: ["ignore", "ignore", "pipe"],
    ...user,
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const failure = await new Promise<string | null>((settle) => {
    child.on("error", (error) => settle(whyNotRun(error)));
    child.on("close", (code, signal) =>
      settle(code === 0 ? null : `${complaint.trim()} (${signal ?? `exit ${code}`})`),
    );
  });
  if (failure === null) return;
  await rm(data, { recursive: true, force: true });
  throw new EmbeddedDatabaseError(`a new database cannot be made: ${failure}`);
}

/** What killed programs left; a folder named after a process that runs may be in work. */
async function removeUnfinished(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = Number(UNFINISHED.exec(name)?.[1]);
    if (pid === process.pid || (pid > 0 && !isRunning(pid))) {
      // A killed program's initdb may be at work still, in this folder that nobody will use.
      await rm(join(root, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  await folder.sync().finally(() => folder.close());
}

function missing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
