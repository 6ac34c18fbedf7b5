import { execFile } from "node:child_process";
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What postmaster.pid says about the server of a data directory. */
export type PostmasterFile =
  | { state: "absent" }
  /** The process is proven to be the server of this data directory. */
  | { state: "running"; pid: number; socketFolder: string }
  /** The process is gone, or its number now belongs to another one, which must not be touched. */
  | { state: "stale" };

/** Reads postmaster.pid (its lines: pid, data directory, start, port, socket folder, …: PostgreSQL's pidfile.h). */
export async function readPostmasterFile(data: string): Promise<PostmasterFile> {
  const text = await readIfThere(join(data, "postmaster.pid"));
  if (text === null) return { state: "absent" };
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!(await isServerOf(pid, data))) return { state: "stale" };
  return { state: "running", pid, socketFolder: lines[4] ?? "" };
}

/**
 * Whether process `pid` is the server of `data`: its command is `postgres` (its children's titles differ), and its
 * working directory, or the directory that it was told to use, is the data directory. Both are looked at, for the first
 * is hidden from a root without CAP_SYS_PTRACE, as in a container, and the second is out of date once a folder is moved.
 */
export async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (!isRunning(pid)) return false;
  if (process.platform !== "linux") return commandNames(await commandOf(pid), data);
  try {
    const [command, flag, told] = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
    if (basename(command!) !== "postgres") return false;
    return (await isSame(`/proc/${pid}/cwd`, data)) || (flag === "-D" && (await isSame(told!, data)));
  } catch (error) {
    if (isNotOurs(error)) return false;
    throw error;
  }
}

async function isSame(one: string, other: string): Promise<boolean> {
  const a = await stat(one).catch(() => null);
  const b = await stat(other).catch(() => null);
  return a !== null && b !== null && a.dev === b.dev && a.ino === b.ino;
}

/** Gone meanwhile, or hidden from us as another user's, which the server of our data directory is not. */
function isNotOurs(error: unknown): boolean {
  return ["ENOENT", "ESRCH", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "");
}

/** Where there is no /proc: the command as we write it (launch.ts). */
function commandNames(command: string, data: string): boolean {
  return command.includes(`/bin/postgres -D ${data} `);
}

async function commandOf(pid: number): Promise<string> {
  return new Promise((settle) => {
    execFile("ps", ["-ww", "-o", "command=", "-p", String(pid)], (error, output) => settle(error ? "" : output));
  });
}

/** Whether any process has this number. */
export function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Makes a lock file that a killed server left (postmaster.pid, or that of its socket) one that PostgreSQL sees through.
 * It refuses to start while any process has the number in the file, and that process may be a stranger, or dead and not
 * yet noticed by its parent. The file is not removed, for postmaster.pid also names the shared memory by which PostgreSQL
 * sees that orphaned backends are still at work. Instead its number becomes ours: that of its own parent PostgreSQL takes
 * as stale (CreateLockFile in miscinit.c), and it goes on to check the shared memory. An empty file it never accepts; one
 * that is not filled soon is removed.
 */
export async function disownLockFile(path: string, data: string): Promise<void> {
  let text = await readIfThere(path);
  if (text === "") {
    await sleep(EMPTY_FOR_MS);
    text = await readIfThere(path);
    if (text === "") return rm(path);
  }
  const stranger = Number(text?.split("\n")[0]);
  if (!isRunning(stranger) || (await isServerOf(stranger, data))) return;
  replaceNumber(path, stranger);
}

/** A server creates and fills its lock file in one go. */
const EMPTY_FOR_MS = 500;

/** Synchronous, so that nothing of ours comes between the look and the change. */
function replaceNumber(path: string, stranger: number): void {
  const file = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const [pid, ...rest] = readFileSync(file, "utf8").split("\n");
    if (Number(pid) !== stranger) return;
    ftruncateSync(file);
    writeSync(file, [process.pid, ...rest].join("\n"), 0);
  } finally {
    closeSync(file);
  }
}

async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}
