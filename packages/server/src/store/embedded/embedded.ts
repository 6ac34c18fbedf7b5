import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientConfig } from "pg";
import { asError } from "../../runtime/errors.ts";
import { type Binaries, installedBinaries } from "./binaries.ts";
import { bringUp, connectionAt, type Running } from "./bring-up.ts";
import { EmbeddedDatabaseError } from "./error.ts";
import { boundLog } from "./launch.ts";
import { choosePlace, type Place, removeShortSocketFolder } from "./place.ts";
import { readPostmasterFile } from "./postmaster-file.ts";
import { type Log, lockWhenReady } from "./ready.ts";

export interface EmbeddedOptions {
  /** The program's data directory; the database is in its folder `postgres`. */
  dataDir: string;
  log: Log;
  /** PostgreSQL settings that win over ours (embedded/settings.ts). An adopted server keeps those that it has. */
  settings?: Readonly<Record<string, string>>;
}

/** A PostgreSQL of our own. It outlives a killed program, and the next one adopts it. */
export interface EmbeddedDatabase {
  /** The socket's folder as host, user and database; no password. The same for as long as this object lives. */
  readonly connection: ClientConfig;
  /** One sentence for the start text where the data is not in `dataDir`, else null. */
  readonly note: string | null;
  /** Where its data is. */
  readonly folder: string;
  /** The server's process number. */
  readonly pid: number;
  /** Calls back, with the reason, each time the server is gone (or another program's) without our `stop`. */
  onExit(listener: (reason: string) => void): void;
  /** Brings a server that is gone up again; data that was committed is there. Rejects with EmbeddedDatabaseError. */
  restart(): Promise<void>;
  /** Shuts the server down; false where it had to be cut short, and the next start recovers. */
  stop(): Promise<boolean>;
}

/** Fast shutdown ends with a checkpoint, which writes what shared_buffers holds. */
const FAST_SHUTDOWN_MS = 20_000;
/** Immediate shutdown kills the server's own children after 5 s (PostgreSQL, "Shutting Down the Server"). */
const IMMEDIATE_SHUTDOWN_MS = 10_000;
const LOG_CHECK_MS = 60_000;

/**
 * The embedded PostgreSQL of a data directory: made if there is none, adopted if it runs, else started. About 0.7 s the
 * first time and 0.1 s later. Rejects with EmbeddedDatabaseError, also where another program uses the same database.
 * `binaries` are those of the npm package unless others are given.
 */
export async function startEmbedded(
  { dataDir, log, settings = {} }: EmbeddedOptions,
  binaries?: Binaries,
): Promise<EmbeddedDatabase> {
  const place = await choosePlace(dataDir, binaries ?? (await installedBinaries()));
  return new Embedded(place, settings, log, await bringUp(place, settings, log));
}

/** Whether a data directory has a database yet. Rejects with EmbeddedDatabaseError where it could not run here. */
export async function embeddedIsMade(dataDir: string): Promise<boolean> {
  const binaries = await installedBinaries();
  return existsSync(dataDir) && existsSync((await choosePlace(dataDir, binaries)).data);
}

/** How to reach the server of a data directory that a program has started; null where none runs. */
export async function runningEmbedded(dataDir: string): Promise<ClientConfig | null> {
  const { data, run } = await choosePlace(dataDir, await installedBinaries());
  const file = await readPostmasterFile(data);
  return file.state === "running" ? connectionAt(file.socketFolder || run) : null;
}

class Embedded implements EmbeddedDatabase {
  readonly connection: ClientConfig;
  readonly note: string | null;
  readonly folder: string;
  readonly #place: Place;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #log: Log;
  readonly #listeners: ((reason: string) => void)[] = [];
  readonly #logCheck: NodeJS.Timeout;
  #running: Running;
  #restarting: Promise<Running> | undefined;
  #stopping = false;
  /** The server is another program's now, and not ours to stop. */
  #taken = false;

  constructor(place: Place, settings: Readonly<Record<string, string>>, log: Log, running: Running) {
    this.connection = running.connection;
    this.note = place.note;
    this.folder = place.data;
    // An adopted server may have been started where a short path for its socket was another.
    this.#place = { ...place, run: running.postmaster.socketFolder };
    this.#settings = settings;
    this.#log = log;
    this.#running = running;
    this.#logCheck = setInterval(() => {
      boundLog(place.log).catch((error) => log("warn", `cannot shorten ${place.log}: ${error.message}`));
    }, LOG_CHECK_MS).unref();
    void this.#watch(running);
  }

  get pid(): number {
    return this.#running.postmaster.pid;
  }

  onExit(listener: (reason: string) => void): void {
    this.#listeners.push(listener);
  }

  async restart(): Promise<void> {
    this.#restarting = bringUp(this.#place, this.#settings, this.#log);
    this.#running = await this.#restarting;
    this.#taken = false;
    void this.#watch(this.#running);
  }

  async stop(): Promise<boolean> {
    this.#stopping = true;
    clearInterval(this.#logCheck);
    // A server that is on its way up is stopped as well.
    await this.#restarting?.catch(() => {});
    const { postmaster, lock } = this.#running;
    // Not waited for: a server that hangs does not answer, and is stopped all the same.
    void lock.release().catch(() => {});
    if (this.#taken) return true;
    await postmaster.signal("SIGINT");
    if (await within(FAST_SHUTDOWN_MS, postmaster.exited)) {
      await removeShortSocketFolder(this.#place);
      return true;
    }
    this.#log("warn", "the embedded PostgreSQL does not shut down; it is stopped at once and will recover");
    await postmaster.signal("SIGQUIT");
    if (await within(IMMEDIATE_SHUTDOWN_MS, postmaster.exited)) return false;
    throw new EmbeddedDatabaseError(`process ${postmaster.pid} does not stop`);
  }

  /** Waits for the end of the server. The lock may be lost before: a backend that crashes takes all connections along. */
  async #watch({ postmaster, connection, lock: first }: Running): Promise<void> {
    let lock = first;
    for (;;) {
      const ended = await Promise.race([postmaster.exited, lock.lost]);
      if (this.#stopping) return;
      if (ended !== undefined) return this.#report(`process ${postmaster.pid} ended (${ended})`);
      const again = await lockWhenReady(postmaster, connection, this.#log).catch(asError);
      if (again instanceof Error) return this.#report(again.message);
      if (again === "exited") continue;
      if ("heldBy" in again) {
        this.#taken = true;
        return this.#report(`another program (process ${again.heldBy}) took the database`);
      }
      lock = again;
      this.#running = { ...this.#running, lock };
    }
  }

  #report(reason: string): void {
    for (const listener of this.#listeners) listener(reason);
  }
}

/** Whether `end` comes within so many milliseconds. */
async function within(ms: number, end: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false);
  const inTime = await Promise.race([end.then(() => true), late]);
  timer.abort();
  return inTime;
}
