import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endWithFile } from "./children.ts";
import { until, within } from "./until.ts";

/** The command of the built program. */
export const MPLUS = fileURLToPath(new URL("../../bin/mplus.js", import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  output(): { stdout: string; stderr: string };
  /** Ends it, and resolves when it has ended. */
  stop(): Promise<void>;
}

/** Begins a command of the built program, away from any configuration. */
export function begin(args: string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [MPLUS, ...args], {
    cwd: "/",
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithFile(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const closed = once(child, "close");
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed;
  };
  return { child, output: () => ({ ...output }), stop };
}

/** What `--json` printed: an object in each whole line. */
export function printed<Line = Record<string, unknown>>({ stdout }: { stdout: string }): Line[] {
  const lines = stdout.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

/** Runs a command of the built program to its end. */
export async function mplus(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const running = begin(args, env);
  const [code] = (await within("the command to end", once(running.child, "close")).finally(() =>
    running.child.kill("SIGKILL"),
  )) as [number | null];
  return { code, ...running.output() };
}

export interface Listening extends Running {
  url: string;
  /** What `--json` printed so far. */
  seen(): Record<string, unknown>[];
  /** Waits until there are so many. */
  waitFor(count: number): Promise<Record<string, unknown>[]>;
}

/** `mplus listen --json` at any port. */
export async function listening(...args: string[]): Promise<Listening> {
  const running = begin(["listen", "--port", "0", "--json", ...args]);
  const url = await until("it to listen", () => /http:\/\/127\.0\.0\.1:\d+\//.exec(running.output().stderr)?.[0]);
  const seen = () => printed(running.output());
  const waitFor = (count: number) => until(`${count} to be printed`, () => seen().length >= count && seen());
  return { ...running, url, seen, waitFor };
}
