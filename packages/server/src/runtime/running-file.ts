import { readFileSync } from "node:fs";
import { chmod, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The address of the program on this machine, for the commands. */
export interface RunningProgram {
  url: string;
  pid: number;
  /** ISO 8601. */
  started_at: string;
  /** The file with its certificate; null over plain HTTP. */
  tls: { cert: string } | null;
}

/** The URL of a program that listens on `host`, from its own machine. */
export function ownUrl(host: string, port: number | string, tls: boolean): string {
  const reached = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${tls ? "https" : "http"}://${reached.includes(":") ? `[${reached}]` : reached}:${port}`;
}

/** `running.json` in the data folder. */
export function runningFile(dataDir: string): string {
  return join(dataDir, "running.json");
}

/** Written as a whole or not at all; it has no secret. */
export async function writeRunning(dataDir: string, program: RunningProgram): Promise<void> {
  const path = runningFile(dataDir);
  const partial = `${path}.${program.pid}`;
  await writeFile(partial, `${JSON.stringify(program, null, 2)}\n`);
  await chmod(partial, 0o644);
  await rename(partial, path);
}

/** Removes the file of this program, and leaves that of a later one. */
export async function removeRunning(dataDir: string, pid: number): Promise<void> {
  const path = runningFile(dataDir);
  const program = parsed(await readFile(path, "utf8").catch(() => ""));
  if (program?.pid === pid) await rm(path, { force: true });
}

/** The program that runs with this data folder; null if none is known, or the known one has died. */
export function readRunning(dataDir: string): RunningProgram | null {
  let text: string;
  try {
    text = readFileSync(runningFile(dataDir), "utf8");
  } catch {
    return null;
  }
  const program = parsed(text);
  return program !== null && isAlive(program.pid) ? program : null;
}

function parsed(text: string): RunningProgram | null {
  try {
    const { url, pid, started_at, tls } = JSON.parse(text) as Partial<RunningProgram>;
    const isWhole = typeof url === "string" && URL.canParse(url) && Number.isInteger(pid) && (pid as number) > 0;
    if (!isWhole) return null;
    const cert = typeof tls?.cert === "string" ? { cert: tls.cert } : null;
    return { url, pid: pid as number, started_at: String(started_at), tls: cert };
  } catch {
    return null;
  }
}

/** A process of another user counts: it is alive, although it may not be signalled. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
