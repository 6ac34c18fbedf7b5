import { stat } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { EmbeddedDatabaseError } from "./error.ts";
import { initialize } from "./initialize.ts";
import { adopt, launch, logSince, type Postmaster } from "./launch.ts";
import type { ProgramLock } from "./lock.ts";
import type { Place } from "./place.ts";
import { disownLockFile, readPostmasterFile } from "./postmaster-file.ts";
import { type Log, lockWhenReady } from "./ready.ts";

export interface Running {
  postmaster: Postmaster;
  connection: pg.ClientConfig;
  lock: ProgramLock;
}

/** How often what stands in the way is looked at again, over about a minute: twice what a statement may take. */
const ATTEMPTS = 600;
const ATTEMPT_EVERY_MS = 100;
/** What ends: orphaned backends of a killed server, another program's start of the same one, a kill amid the start. */
const PASSING =
  /^PostgreSQL ended at its start \(SIGKILL\)|pre-existing shared memory block|lock file "[^"]*" already exists/;

/**
 * Makes the database if there is none, adopts the server that runs or else starts one, waits until it answers, and takes
 * the program's lock on it. Rejects with EmbeddedDatabaseError.
 */
export async function bringUp(place: Place, settings: Readonly<Record<string, string>>, log: Log): Promise<Running> {
  await initialize(place);
  const { state } = await readPostmasterFile(place.data);
  if (state === "stale") log("warn", "the embedded PostgreSQL was not shut down; it recovers now");
  for (let attempt = 1; ; attempt++) {
    const result = await tryOnce(place, settings, log);
    if ("running" in result) return result.running;
    if (attempt === 1) log("info", `the embedded PostgreSQL has to wait: ${result.obstacle}`);
    if (attempt === ATTEMPTS) throw new EmbeddedDatabaseError(result.obstacle);
    await sleep(ATTEMPT_EVERY_MS);
  }
}

/** The server whose socket is in this folder. */
export function connectionAt(socketFolder: string): pg.ClientConfig {
  return { host: socketFolder, port: 5432, user: "mplus", database: "mplus" };
}

async function tryOnce(
  place: Place,
  settings: Readonly<Record<string, string>>,
  log: Log,
): Promise<{ running: Running } | { obstacle: string }> {
  const logged = await stat(place.log).then(
    ({ size }) => size,
    () => 0,
  );
  const postmaster = await adoptOrLaunch(place, settings, log);
  if (postmaster === null) return { obstacle: `in ${place.run} a server answers that is not known to be ours` };
  const connection = connectionAt(postmaster.socketFolder);
  const lock = await lockWhenReady(postmaster, connection, log);
  if (lock === "exited") {
    const obstacle = `PostgreSQL ended at its start (${await postmaster.exited}): ${await logSince(place.log, logged)}`;
    // An adopted server was on its way down, and the next attempt starts one.
    if (postmaster.adopted || PASSING.test(obstacle)) return { obstacle };
    throw new EmbeddedDatabaseError(obstacle);
  }
  if (!("heldBy" in lock)) return { running: { postmaster, connection, lock } };
  throw new EmbeddedDatabaseError(`another program (process ${lock.heldBy}) uses the database in ${place.data}`);
}

/**
 * null where a server answers though the file names none: one that just ends, or, on a data directory shared with another
 * container, one whose processes we cannot see.
 */
async function adoptOrLaunch(
  place: Place,
  settings: Readonly<Record<string, string>>,
  log: Log,
): Promise<Postmaster | null> {
  // Asked before the file is read: a server writes its file before it listens.
  const answered = await answers(place.run);
  const file = await readPostmasterFile(place.data);
  if (file.state === "running") {
    log("info", `adopting the embedded PostgreSQL that runs as process ${file.pid}`);
    return adopt(file.pid, file.socketFolder || place.run, place.data);
  }
  if (answered) return null;
  await disownLockFile(join(place.data, "postmaster.pid"), place.data);
  await disownLockFile(join(place.run, ".s.PGSQL.5432.lock"), place.data);
  const postmaster = await launch(place, settings);
  log("debug", `embedded PostgreSQL ${place.binaries.version} starts as process ${postmaster.pid}`);
  return postmaster;
}

/** Whether anything listens at the socket. */
async function answers(folder: string): Promise<boolean> {
  return new Promise((settle) => {
    const socket = createConnection(join(folder, ".s.PGSQL.5432"));
    socket.on("connect", () => {
      socket.destroy();
      settle(true);
    });
    socket.on("error", () => settle(false));
  });
}
