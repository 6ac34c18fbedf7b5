import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { startEmbedded } from "../../src/store/embedded/embedded.ts";
import { readPostmasterFile } from "../../src/store/embedded/postmaster-file.ts";
import { query } from "../support/data-dir.ts";
import { until } from "../support/until.ts";

/** Debian's package libfaketime. */
export const FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/** A clock that programs see in place of the machine's; it can be put forward while they run. */
export class ShiftedClock {
  readonly #file: string;
  #offsetMs = 0;

  private constructor(file: string) {
    this.#file = file;
  }

  static async create(folder: string): Promise<ShiftedClock> {
    const clock = new ShiftedClock(join(folder, "clock"));
    await clock.forward(0);
    return clock;
  }

  /** The environment of programs that see this clock. They look at its file once a second. */
  get environment(): Record<string, string> {
    return { LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: this.#file, FAKETIME_CACHE_DURATION: "1" };
  }

  now(): number {
    return Date.now() + this.#offsetMs;
  }

  async forward(ms: number): Promise<void> {
    this.#offsetMs += ms;
    await writeFile(this.#file, `+${this.#offsetMs / 1_000}\n`);
  }
}

/** A PostgreSQL of its own that lives by such a clock. */
export class ShiftedDatabase {
  readonly connection: pg.ClientConfig;
  readonly #child: ChildProcess;

  private constructor(connection: pg.ClientConfig, child: ChildProcess) {
    this.connection = connection;
    this.#child = child;
    process.once("exit", this.#kill);
  }

  readonly #kill = (): void => void this.#child.kill("SIGQUIT");

  static async start(dataDir: string, clock: ShiftedClock): Promise<ShiftedDatabase> {
    const embedded = await startEmbedded({ dataDir, log: () => {} });
    const { connection } = embedded;
    const data = join(dataDir, "postgres/data");
    const file = await readPostmasterFile(data);
    if (file.state !== "running") throw new Error("the database does not run");
    // Its own command line, with the clock.
    const [command = "", ...args] = await listOf(file.pid, "cmdline");
    const environment = await listOf(file.pid, "environ");
    await embedded.stop();
    const { uid, gid } = await stat(data);
    const env = { ...Object.fromEntries(environment.map((entry) => entry.split("="))), ...clock.environment };
    const child = spawn(command, args, { env, uid, gid, cwd: data, stdio: "ignore" });
    await until("the database to answer", () =>
      query(connection, "SELECT 1").then(
        () => true,
        () => false,
      ),
    );
    return new ShiftedDatabase(connection, child);
  }

  get url(): string {
    const { host, port, user, database } = this.connection;
    return `postgres://${user}@${encodeURIComponent(host as string)}:${port}/${database}`;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** At once, with what it has ended first. */
  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGINT");
    await ended;
    process.off("exit", this.#kill);
  }
}

async function listOf(pid: number, what: "cmdline" | "environ"): Promise<string[]> {
  return (await readFile(`/proc/${pid}/${what}`, "utf8")).split("\0").filter((entry) => entry !== "");
}
