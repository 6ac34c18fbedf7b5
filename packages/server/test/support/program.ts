import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { Api } from "./api.ts";
import { endWithFile } from "./children.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { until, within } from "./until.ts";

const CHECKOUT = fileURLToPath(new URL("../../../..", import.meta.url));

export interface ProgramOptions {
  /** Merged over a configuration that listens on any port and dials loopback alone. */
  config?: Record<string, unknown> & { organizationKey?: string; accountKey?: string };
  /** It makes its default keys itself, as at any first start; else it is given some. */
  keys?: "its own";
  /** An existing database; else the program gets one of its own. */
  database?: TestDatabase;
  env?: Record<string, string>;
  /** The checkout whose build is run, where it is another one. */
  checkout?: string;
  /** The text of the configuration file, in place of `config`. */
  file?: string;
  /** Told of the folder with its configuration, `config.json`, before there is a process. */
  beforeSpawn?: (folder: string) => void;
  /** Told of the process as soon as there is one. */
  onSpawn?: (child: ChildProcess) => void;
}

export interface Program {
  url: string;
  child: ChildProcess;
  /** Where its configuration and its data are. */
  folder: string;
  database: TestDatabase;
  organizationKey: string;
  /** A client with the default account's key. */
  api: Api;
  /** What it wrote so far. */
  output(): { stdout: string; stderr: string };
  /** Ends it as it is, where a test has failed before it stopped it. */
  kill(): void;
  /** SIGTERM; rejects unless it ends with exit code 0. Also closes its own database and removes its files. */
  stop(): Promise<void>;
}

const defaultKeys = new WeakMap<TestDatabase, { organizationKey: string; accountKey: string }>();

/** The same for every program on a database: other keys would take the place of those before. */
function keysOf(database: TestDatabase): { organizationKey: string; accountKey: string } {
  const keys = defaultKeys.get(database) ?? { organizationKey: newKey(), accountKey: newKey() };
  defaultKeys.set(database, keys);
  return keys;
}

/** Several processes start, each of which compiles what it runs: on a machine that is busy with other tests that is long. */
const START_MS = 240_000;

/** Starts the built program as an operator does, and waits until it can accept. */
export async function startProgram(options: ProgramOptions = {}): Promise<Program> {
  const database = options.database ?? (await testDatabase());
  const config = { ...keysOf(database), ...options.config };
  const given = options.keys === undefined ? config : (options.config ?? {});
  const run = await runServe({ ...options, config: given, database });
  const clean = async (): Promise<void> => {
    await rm(run.folder, { recursive: true, force: true });
    if (options.database === undefined) await database.close();
  };
  try {
    const look = (): string | undefined => {
      if (run.ended()) throw new Error(`the program did not start: ${run.output().stderr}`);
      return /is ready at (https?:\/\/\S+)/.exec(run.output().stdout)?.[1];
    };
    const url = await until("the program to say where it listens", look, () => run.output(), START_MS);
    const api = new Api(url, config.accountKey);
    await until("readiness", async () => (await api.request("GET", "/health/ready")).status === 200);
    const stop = async (): Promise<void> => {
      run.child.kill("SIGTERM");
      const end = await run.end;
      await clean();
      if (end !== "0") throw new Error(`the program ended with ${end}: ${run.output().stderr}`);
    };
    const { child, folder, output } = run;
    const kill = (): void => void child.kill("SIGKILL");
    return { url, child, folder, database, organizationKey: config.organizationKey, api, output, kill, stop };
  } catch (error) {
    run.child.kill("SIGKILL");
    await run.end;
    await clean();
    throw error;
  }
}

/** Runs the program until it ends of its own accord, which is what it should do with this configuration. */
export async function runToEnd(options: ProgramOptions): Promise<{ end: string; stdout: string; stderr: string }> {
  const run = await runServe(options);
  const end = await within("the program to end", run.end).finally(() => run.child.kill("SIGKILL"));
  await rm(run.folder, { recursive: true, force: true });
  return { end, ...run.output() };
}

interface Run {
  child: ChildProcess;
  folder: string;
  output(): { stdout: string; stderr: string };
  ended(): boolean;
  /** The exit code, or the signal that ended it; resolves once its output is whole. */
  end: Promise<string>;
}

async function runServe({
  config = {},
  database,
  env,
  checkout = CHECKOUT,
  file: text,
  beforeSpawn,
  onSpawn,
}: ProgramOptions): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), "mplus-flow-"));
  const file = join(folder, "config.json");
  const server = { port: 0, ...(config.server as object | undefined) };
  await writeFile(file, text ?? JSON.stringify({ network: "loopback", dataDir: folder, ...config, server }), {
    mode: 0o600,
  });
  beforeSpawn?.(folder);
  const child = spawn(process.execPath, [join(checkout, "packages/server/bin/mplus.js"), "serve", "--config", file], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...(database === undefined ? {} : { DATABASE_URL: database.url }), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithFile(child);
  onSpawn?.(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output.stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    output.stderr += chunk;
  });
  let end: string | undefined;
  const ended = once(child, "close").then(([code, signal]: unknown[]) => {
    end = String(signal ?? code);
    return end;
  });
  return { child, folder, output: () => ({ ...output }), ended: () => end !== undefined, end: ended };
}

/** Another account, of an organization of its own; answers its key. */
export async function addAccount(pool: pg.Pool): Promise<string> {
  const key = newKey();
  await pool.query(
    `WITH o AS (INSERT INTO organization (identifier, name) VALUES ($1, 'other') RETURNING id),
          a AS (INSERT INTO account (identifier, organization_id, name) SELECT $2, id, 'other' FROM o RETURNING id)
     INSERT INTO api_key (hash, organization_id, account_id) SELECT $3, o.id, a.id FROM o, a`,
    [randomUUID(), randomUUID(), createHash("sha256").update(key).digest()],
  );
  return key;
}

export function newKey(): string {
  return randomBytes(16).toString("hex");
}
