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
import { disownStranger, readPostmasterFile } from "./postmaster-file.ts";
import { type Log, lockWhenReady } from "./ready.ts";

export interface Running {
  postmaster: Postmaster;
  connection: pg.ClientConfig;
  lock: ProgramLock;
}

/** Orphaned backends of a killed server, or another program that starts the same one, may stand in the way this long. */
const OBSTACLE_MS = 15_000;
const OBSTACLES = /pre-existing shared memory block|lock file "[^"]*" already exists/;

/**
 * Makes the database if there is none, adopts the server that runs or else starts one, waits until it answers, and takes
 * the program's lock on it. Rejects with EmbeddedDatabaseError.
 */
export async function bringUp(place: Place, settings: Readonly<Record<string, string>>, log: Log): Promise<Running> {
  await initialize(place);
  const giveUpAt = Date.now() + OBSTACLE_MS;
  for (;;) {
    const logged = await stat(place.log).then(
      ({ size }) => size,
      () => 0,
    );
    const postmaster = await adoptOrLaunch(place, settings, log);
    const connection = { host: postmaster.socketFolder, port: 5432, user: "mplus", database: "mplus" };
    const lock = await lockWhenReady(postmaster, connection, log);
    if (lock !== "exited") {
      if (!("heldBy" in lock)) return { postmaster, connection, lock };
      throw new EmbeddedDatabaseError(`another program (process ${lock.heldBy}) uses the database in ${place.data}`);
    }
    const said = await logSince(place.log, logged);
    // An adopted server was on its way down: the next round starts one.
    if (!(postmaster.adopted || OBSTACLES.test(said)) || Date.now() > giveUpAt) {
      throw new EmbeddedDatabaseError(`PostgreSQL ended at its start (${await postmaster.exited}): ${said}`);
    }
    await sleep(100);
  }
}

async function adoptOrLaunch(place: Place, settings: Readonly<Record<string, string>>, log: Log): Promise<Postmaster> {
  const file = await readPostmasterFile(place.data);
  if (file.state === "running") {
    log("info", `adopting the embedded PostgreSQL that runs as process ${file.pid}`);
    return adopt(file.pid, file.socketFolder || place.run, place.data);
  }
  if (await answers(place.run)) {
    // A data directory shared with another machine or container, whose processes we cannot see.
    throw new EmbeddedDatabaseError(`a server that is no process of this machine runs on ${place.data}`);
  }
  if (file.state === "stale") {
    log("warn", "the embedded PostgreSQL was not shut down; it recovers now");
    await disownStranger(place.data, file.pid);
  }
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
