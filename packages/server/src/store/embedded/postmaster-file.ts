import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";

/** What postmaster.pid says about the server of a data directory. */
export type PostmasterFile =
  | { state: "absent" }
  /** The process is proven to be the server of this data directory. */
  | { state: "running"; pid: number; socketFolder: string }
  /** The process is gone, or its number now belongs to another one, which must not be touched. */
  | { state: "stale"; pid: number };

/** Reads postmaster.pid (its lines: pid, data directory, start, port, socket folder, …: PostgreSQL's pidfile.h). */
export async function readPostmasterFile(data: string): Promise<PostmasterFile> {
  let text: string;
  try {
    text = await readFile(join(data, "postmaster.pid"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { state: "absent" };
    throw error;
  }
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!(await isServerOf(pid, data))) return { state: "stale", pid };
  return { state: "running", pid, socketFolder: lines[4] ?? "" };
}

/**
 * Whether process `pid` is the server of `data`: its working directory is the data directory (the postmaster changes to
 * it, and so do its children, whose title tells them apart), and its command is `postgres`.
 */
export async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (!isRunning(pid)) return false;
  if (process.platform !== "linux") return commandNames(await commandOf(pid), data);
  try {
    const [command, here, there] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, "utf8"),
      stat(`/proc/${pid}/cwd`),
      stat(data),
    ]);
    return basename(command.split("\0")[0]!) === "postgres" && here.dev === there.dev && here.ino === there.ino;
  } catch {
    // Gone meanwhile, or another user's process, which the server of our data directory cannot be.
    return false;
  }
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
 * PostgreSQL refuses to start while any process has the number in postmaster.pid, and that process may be a stranger.
 * We do not remove the file, for it also names the shared memory by which PostgreSQL sees that orphaned backends of a
 * killed server are still at work. Instead its number becomes ours: the number of its own parent, PostgreSQL takes as
 * stale (CreateLockFile in miscinit.c), and it goes on to check the shared memory.
 */
export async function disownStranger(data: string, stranger: number): Promise<void> {
  const path = join(data, "postmaster.pid");
  const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const text = await file.readFile("utf8");
    const [pid, ...rest] = text.split("\n");
    if (Number(pid) !== stranger) return;
    await file.truncate(0);
    await file.write([process.pid, ...rest].join("\n"), 0);
  } finally {
    await file.close();
  }
}
