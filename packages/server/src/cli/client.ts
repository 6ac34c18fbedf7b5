import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { type Config, loadConfig } from "../config.ts";

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

/** The same for commands that need an organization's key. */
export function withOrganizationOptions(command: Command): Command {
  return command
    .option("--url <url>", "where the program listens (default: as configured)")
    .option("--key <key>", "the organization's key (default: MPLUS_ORGANIZATION_KEY, or that in keys.json)")
    .option("--config <file>", "configuration file")
    .option("--json", "print the answer as it is");
}

/** One request to the API. Ends the command with the problem's own words where it is refused. */
export async function call(options: ClientOptions, method: string, path: string, body?: unknown): Promise<unknown> {
  const config = configOf(options);
  const key = options.key ?? process.env.MPLUS_KEY ?? config.accountKey ?? (await keysOf(config)).accountKey;
  if (key == null) fail("no account key: give --key, or set MPLUS_KEY");
  return request(options.url ?? urlOf(config), key, method, path, body);
}

/** The same with the organization's key. */
export async function callAsOrganization(
  options: ClientOptions,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const config = configOf(options);
  const key = options.key ?? config.organizationKey ?? (await keysOf(config)).organizationKey;
  if (key == null) fail("no organization key: give --key, or set MPLUS_ORGANIZATION_KEY");
  return request(options.url ?? urlOf(config), key, method, path, body);
}

/** Prints the answer as it is where that was asked for, else these lines. */
export function print(options: ClientOptions, answer: unknown, lines: () => string[]): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(answer)}\n` : `${lines().join("\n")}\n`);
}

function configOf(options: ClientOptions): Config {
  return loadConfig({ file: options.config, env: process.env, cwd: process.cwd() });
}

function urlOf({ server }: Config): string {
  return `http://${server.host}:${server.port}`;
}

async function request(url: string, key: string, method: string, path: string, body: unknown): Promise<unknown> {
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

/** What stands in `keys.json`, where there is such a file. */
async function keysOf({ dataDir }: Config): Promise<{ accountKey?: string | null; organizationKey?: string | null }> {
  try {
    return JSON.parse(await readFile(join(resolve(dataDir), "keys.json"), "utf8"));
  } catch {
    return {};
  }
}

function fail(reason: string): never {
  process.stderr.write(`mplus: ${reason}\n`);
  process.exit(1);
}
