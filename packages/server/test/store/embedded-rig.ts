import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFile, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { rolldown } from "rolldown";
import { isRunning } from "../../src/store/embedded/postmaster-file.ts";
import type { ServerUser } from "../../src/store/embedded/user.ts";
import { removeDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { atFileEnd } from "../support/file-end.ts";

/** What embedded-program.ts says to the test. */
export type ProgramMessage = { log: string } | { started: Started } | { failed: string };

export interface Started {
  connection: pg.ClientConfig;
  note: string | null;
  pid: number;
}

export interface Program {
  child: ChildProcess;
  started: Started;
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const files = new Map<string, Promise<string>>();

/** A source with what it imports as one file, made once for a test file: compiled at each start it would start for twice as long. */
export function bundled(source: string): Promise<string> {
  const file = files.get(source) ?? bundle(source);
  files.set(source, file);
  return file;
}

async function bundle(input: string): Promise<string> {
  const folder = await temporaryDataDir();
  atFileEnd(() => {
    files.clear();
    return removeDataDir(folder);
  });
  await symlink(here("../../../../node_modules"), join(folder, "node_modules"));
  const external = (id: string) => !id.startsWith(".") && !isAbsolute(id);
  const program = await rolldown({ input, platform: "node", external });
  const file = join(folder, "bundled.mjs");
  await program.write({ file, codeSplitting: false });
  await program.close();
  return file;
}

/** Starts the program on a data directory. Rejects with what it says if it cannot start. */
export async function startProgram(dataDir: string, options: { user?: ServerUser } = {}): Promise<Program> {
  const child = fork(await bundled(here("embedded-program.ts")), [dataDir], {
    ...options.user,
    cwd: tmpdir(),
    env: { PATH: process.env.PATH },
    execArgv: [],
    detached: true,
  });
  const started = await new Promise<Started>((settle, refuse) => {
    child.on("message", (message: ProgramMessage) => {
      if ("started" in message) settle(message.started);
      if ("failed" in message) refuse(new Error(message.failed));
    });
    child.on("exit", (code, signal) => refuse(new Error(`the program ended (${signal ?? code})`)));
  });
  return { child, started };
}

/** As an operator's `kill -9`: nothing of ours gets to run. */
export async function kill({ child }: Program): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

export async function stop({ child }: Program): Promise<void> {
  child.send("stop");
  await once(child, "exit");
}

/** Waits until the process has ended. Where there is /proc, that is before its parent has taken notice of it. */
export async function gone(pid: number): Promise<void> {
  await untilDefined(async () => {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const ended = process.platform === "linux" ? command === "" : !isRunning(pid);
    return ended ? true : undefined;
  });
}

/** Looks until there is something; what throws counts as nothing yet. */
export async function untilDefined<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  for (;;) {
    const value = await look().catch(() => undefined);
    if (value !== undefined) return value;
    await sleep(5);
  }
}
