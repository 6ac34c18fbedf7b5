import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:fs";
import { copyFile, open, truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EmbeddedDatabaseError, whyNotRun } from "./error.ts";
import type { Place } from "./place.ts";
import { isServerOf } from "./postmaster-file.ts";
import { serverEnvironment } from "./server-environment.ts";
import { settingArguments } from "./settings.ts";

/** A running server, started by us or adopted. */
export interface Postmaster {
  pid: number;
  adopted: boolean;
  socketFolder: string;
  /** Resolves, never rejects, when the process is gone, with how it went. */
  exited: Promise<string>;
  /** Sends the signal, if the process is still proven ours. */
  signal(name: NodeJS.Signals): Promise<void>;
}

const LOG_BYTES = 4 * 1024 * 1024;
const ADOPTED_POLL_MS = 200;

/** Starts the server in a session of its own: neither Ctrl-C nor our death takes it down. */
export async function launch(place: Place, settings: Readonly<Record<string, string>>): Promise<Postmaster> {
  const { binaries, data, run, user } = place;
  await boundLog(place.log);
  const log = await openLog(place);
  let child: ChildProcess;
  try {
    child = spawn(join(binaries.folder, "bin", "postgres"), ["-D", data, ...settingArguments(run, settings)], {
      cwd: place.root,
      env: serverEnvironment(binaries),
      stdio: ["ignore", log.fd, log.fd],
      detached: true,
      ...user,
    });
    const exited = new Promise<string>((settle) => {
      child.on("exit", (code, signal) => settle(signal ?? `exit code ${code}`));
    });
    await new Promise((settle, refuse) => {
      child.on("spawn", settle);
      child.on("error", (cause) => refuse(new EmbeddedDatabaseError(`PostgreSQL does not run: ${whyNotRun(cause)}`)));
    });
    child.unref();
    return {
      pid: child.pid!,
      adopted: false,
      socketFolder: run,
      exited,
      // Node sends nothing to a child whose end it has seen, and until then its number is not given to another.
      signal: async (name) => void child.kill(name),
    };
  } finally {
    await log.close();
  }
}

/** Takes over a server that an earlier program left running. It is not our child, so its end is found by looking. */
export function adopt(pid: number, socketFolder: string, data: string): Postmaster {
  const isAlive = () => isServerOf(pid, data);
  const watch = async () => {
    // A look that fails, for want of file descriptors say, shows nothing.
    while (await isAlive().catch(() => true)) await sleep(ADOPTED_POLL_MS, undefined, { ref: false });
    return "gone";
  };
  const signal = async (name: NodeJS.Signals) => {
    if (await isAlive()) process.kill(pid, name);
  };
  return { pid, adopted: true, socketFolder, exited: watch(), signal };
}

/** Keeps the server's log below twice LOG_BYTES: what is older moves to `.1`. The server appends, so it goes on at 0. */
export async function boundLog(path: string): Promise<void> {
  const log = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (log === null) return;
  const { size } = await log.stat().finally(() => log.close());
  if (size < LOG_BYTES) return;
  await copyFile(path, `${path}.1`);
  await truncate(path);
}

/** The end of the log from byte `from` on: what a server that did not come up had to say. */
export async function logSince(path: string, from: number): Promise<string> {
  const log = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = await log.stat();
    const start = Math.max(from > size ? 0 : from, size - 4096);
    const { buffer, bytesRead } = await log.read(Buffer.alloc(4096), 0, 4096, start);
    return buffer.toString("utf8", 0, bytesRead).trim();
  } finally {
    await log.close();
  }
}

async function openLog({ log, user }: Place) {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const file = await open(log, flags, 0o600);
  if (user !== null) await file.chown(user.uid, user.gid);
  return file;
}
