import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { loadConfig } from "../config.ts";

/** How a command reaches the running program. */
export interface ClientOptions {
  url?: string;
  key?: string;
  config?: string;
  json?: boolean;
}

/** The options that every command of the API's has. */
export function withClientOptions(command: Command): Command {
  return command
    .option("--url <url>", "where the program listens (default: as configured)")
    .option("--key <key>", "the account's key (default: MPLUS_KEY, or that in keys.json)")
    .option("--config <file>", "configuration file")
    .option("--json", "print the answer as it is");
}

/** One request to the API. Ends the command with the problem's own words where it is refused. */
export async function call(options: ClientOptions, method: string, path: string, body?: unknown): Promise<unknown> {
  const config = loadConfig({ file: options.config, env: process.env, cwd: process.cwd() });
  const url = options.url ?? `http://${config.server.host}:${config.server.port}`;
  const key = options.key ?? process.env.MPLUS_KEY ?? config.accountKey ?? (await keyOfFile(config.dataDir));
  if (key === null) fail("no account key: give --key, or set MPLUS_KEY");
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: Error) =>
    fail(`${url} does not answer: ${(error.cause as Error | undefined)?.message ?? error.message}`),
  );
  const answer = (await response.json()) as { detail?: string; errors?: { path: string; message: string }[] };
  if (response.ok) return answer;
  for (const { path: at, message } of answer.errors ?? []) process.stderr.write(`  ${at}: ${message}\n`);
  return fail(`${response.status}: ${answer.detail}`);
}

async function keyOfFile(dataDir: string): Promise<string | null> {
  try {
    const file = join(resolve(dataDir), "keys.json");
    return (JSON.parse(await readFile(file, "utf8")) as { accountKey: string | null }).accountKey;
  } catch {
    return null;
  }
}

function fail(reason: string): never {
  process.stderr.write(`mplus: ${reason}\n`);
  process.exit(1);
}
