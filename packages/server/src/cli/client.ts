import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { Config } from "../config.ts";

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

/** The same for commands that need the operator's key. */
export function withOperatorOptions(command: Command): Command {
  return command
    .option("--url <url>", "where the program listens (default: as configured)")
    .option("--key <key>", "the operator's key (default: MPLUS_OPERATOR_KEY, or operatorKey of the configuration)")
    .option("--config <file>", "configuration file")
    .option("--json", "print the answer as it is");
}

/** One request to the API. Ends the command with the problem's own words where it is refused. */
export async function call(options: ClientOptions, method: string, path: string, body?: unknown): Promise<unknown> {
  const config = await configOf(options);
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
  const config = await configOf(options);
  const key = options.key ?? config.organizationKey ?? (await keysOf(config)).organizationKey;
  if (key == null) fail("no organization key: give --key, or set MPLUS_ORGANIZATION_KEY");
  return request(options.url ?? urlOf(config), key, method, path, body);
}

/** The same with the operator's key. */
export async function callAsOperator(
  options: ClientOptions,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const config = await configOf(options);
  const key = options.key ?? config.operatorKey;
  if (key === null) fail("no operator key: configure operatorKey, or set MPLUS_OPERATOR_KEY, here and for the program");
  return request(options.url ?? urlOf(config), key, method, path, body);
}

/** An option's or argument's whole number; below zero too. */
export function parseCredits(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError("It is not a whole number.");
  return Number(text);
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError("It is not a port.");
  return port;
}

/** A whole number from 0 on. */
export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It is not a whole number from 0 on.");
  return Number(text);
}

export function parseSwitch(text: string): boolean {
  if (text !== "on" && text !== "off") throw new InvalidArgumentError("It is neither on nor off.");
  return text === "on";
}

/** Prints the answer as it is where that was asked for, else these lines. */
export function print(options: { json?: boolean | undefined }, answer: unknown, lines: () => string[]): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(answer)}\n` : `${lines().join("\n")}\n`);
}

/** The schemas are loaded where they are needed: the program that is served has them in another process. */
async function configOf(options: ClientOptions): Promise<Config> {
  const { loadConfig } = await import("../config.ts");
  return loadConfig({ file: options.config, env: process.env, cwd: process.cwd() });
}

/** Where a program with this configuration is reached from its own machine. */
function urlOf({ server: { host, port } }: Config): string {
  const reached = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${reached.includes(":") ? `[${reached}]` : reached}:${port}`;
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
