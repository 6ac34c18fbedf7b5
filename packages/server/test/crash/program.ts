import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { createPool } from "../../src/store/pool.ts";
import { acceptorsOf, childrenOf, commandOf, enginesOf } from "../support/processes.ts";
import { until } from "../support/until.ts";

export const MPLUS = fileURLToPath(new URL("../../bin/mplus.js", import.meta.url));

/** The long run is to stand a machine that does other things as well. */
const READY_MS = 300_000;

/**
 * A process that can be killed. `engine` is the main process, `further` those of its further engines; `backend` is one of PostgreSQL's own
 * processes: it then recovers without ending.
 */
export type Victim = "engine" | "further" | "api" | "postmaster" | "both" | "backend";

/** The built program on an embedded database of its own, started again whenever it ends, as a service manager does. */
export class CrashProgram {
  readonly folder: string;
  readonly key: string;
  /** How often it ended without being killed by us, with what it said last. */
  readonly faults: string[] = [];
  starts = 0;
  /** Where it listens; null until it says so. */
  url: string | null = null;
  /** Where customers bind; null until it says so, and where there is no SMPP server. */
  smppPort: number | null = null;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #killed = false;
  #stopping = false;
  #said = "";
  readonly #logFile: string | null;
  /** What starts it; `serve` and its options come behind. */
  readonly #command: readonly string[];

  private constructor(folder: string, key: string, logFile: string | null, command: readonly string[]) {
    this.folder = folder;
    this.key = key;
    this.#logFile = logFile;
    this.#command = command;
  }

  /**
   * @param logFile takes what the program says, over all its starts
   * @param command starts it, with the options of `serve` behind it
   */
  static async create(
    config: Record<string, unknown>,
    key: string,
    logFile: string | null,
    command: readonly string[] = [process.execPath, MPLUS, "serve"],
  ): Promise<CrashProgram> {
    const folder = await mkdtemp(join(tmpdir(), "mplus-crash-"));
    // Where root runs this, the database has a user of its own, who must be able to reach it.
    await chmod(folder, 0o755);
    const base = { server: { port: 0 }, network: "loopback", dataDir: join(folder, "data"), accountKey: key };
    await writeFile(join(folder, "config.json"), JSON.stringify({ ...base, ...config }));
    return new CrashProgram(folder, key, logFile, command);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it and keeps it running; resolves when it is ready for the first time. */
  async start(): Promise<void> {
    this.#stopping = false;
    this.#spawn();
    await this.ready();
  }

  /** Starts it; resolves with where it listens, whether it can accept or not. */
  async startUnready(): Promise<string> {
    this.#spawn();
    return until("the program to listen", () => this.url ?? false);
  }

  /** Resolves when it can accept. */
  async ready(): Promise<void> {
    await until(
      "the program to be ready",
      async () => {
        if (this.url === null) return false;
        const answer = await fetch(`${this.url}/health/ready`).catch(() => null);
        await answer?.arrayBuffer().catch(() => {});
        return answer?.status === 200;
      },
      () => this.#said.slice(-2_000),
      READY_MS,
    );
  }

  /** As `kill -9` does; answers which processes it were. None where what was to be killed is not there now. */
  async kill(victim: Victim): Promise<number[]> {
    const pids = await this.#pidsOf(victim);
    const killsEngine = pids.includes(this.pid);
    if (killsEngine) this.#killed = true;
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself in this moment.
      }
    }
    if (killsEngine) await this.#ended;
    return pids;
  }

  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null> {
    return this.stopBy((pid) => process.kill(pid, "SIGTERM"));
  }

  /** Stops it as `signal` does; answers the exit code. */
  async stopBy(signal: (pid: number) => void): Promise<number | null> {
    this.#stopping = true;
    const child = this.#child as ChildProcess;
    signal(this.pid);
    await this.#ended;
    return child.exitCode;
  }

  /** What it said of late. */
  get said(): string {
    return this.#said;
  }

  /** Ends what is left and removes the folder. */
  async remove(): Promise<void> {
    this.#stopping = true;
    this.#killGroup();
    await this.#ended;
    const postmaster = await this.#postmaster();
    if (postmaster !== null) process.kill(postmaster, "SIGQUIT");
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  /** A pool of connections to its database, past the program. */
  pool(): pg.Pool {
    const host = join(this.folder, "data", "postgres", "run");
    const connection: pg.ClientConfig = { host, port: 5432, user: "mplus", database: "mplus" };
    return createPool(connection, { max: 2, applicationName: "ledger" });
  }

  #killGroup(): void {
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // All of its processes have ended.
    }
  }

  /** Ends all of it where the run itself ends before it has removed it. */
  readonly #endWithRun = (): void => {
    this.#killGroup();
    try {
      const pid = Number(readFileSync(this.#postmasterFile, "utf8").split("\n")[0]);
      if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(this.folder)) process.kill(pid, "SIGQUIT");
    } catch {
      // There is none.
    }
  };

  get #postmasterFile(): string {
    return join(this.folder, "data/postgres/data/postmaster.pid");
  }

  #spawn(): void {
    this.url = null;
    this.smppPort = null;
    this.#killed = false;
    this.starts++;
    const [command = "", ...args] = this.#command;
    const child = spawn(command, [...args, "--config", join(this.folder, "config.json")], {
      cwd: this.folder,
      env: { PATH: process.env.PATH },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, as a shell gives it: a signal to the group is what Ctrl-C is.
      detached: true,
    });
    this.#child = child;
    process.once("exit", this.#endWithRun);
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      this.url ??= /is ready at (http:\/\/\S+)/.exec(said)?.[1] ?? null;
      this.smppPort ??= Number(/customers bind at 127\.0\.0\.1:(\d+)/.exec(said)?.[1]) || null;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-10_000);
      if (this.#logFile !== null) appendFileSync(this.#logFile, text);
    });
    this.#ended = once(child, "exit").then(([code, signal]: unknown[]) => {
      process.off("exit", this.#endWithRun);
      if (this.#stopping) return;
      if (!this.#killed) this.faults.push(`ended with ${String(signal ?? code)}: ${this.#said.slice(-2_000)}`);
      this.#spawn();
    });
  }

  async #pidsOf(victim: Victim): Promise<number[]> {
    switch (victim) {
      case "engine":
        return [this.pid].filter((pid) => pid > 0);
      case "further":
        return enginesOf(this.pid);
      case "api":
        return acceptorsOf(this.pid);
      case "postmaster":
        return [await this.#postmaster()].filter((pid) => pid !== null);
      case "both":
        return [...(await this.#pidsOf("engine")), ...(await this.#pidsOf("postmaster"))];
      case "backend": {
        const postmaster = await this.#postmaster();
        const backends = postmaster === null ? [] : await childrenOf(postmaster);
        return backends
          .filter(({ command }) => command.includes("mplus mplus"))
          .map(({ pid }) => pid)
          .slice(-1);
      }
    }
  }

  async #postmaster(): Promise<number | null> {
    const file = await readFile(this.#postmasterFile, "utf8").catch(() => "");
    const pid = Number(file.split("\n")[0]);
    return pid > 0 && (await commandOf(pid)).includes("postgres") ? pid : null;
  }
}
