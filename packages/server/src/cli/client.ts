import { readFile } from "node:fs/promises";
import { MessagingPlus } from "@messaging-plus/sdk";
import { type Command, InvalidArgumentError } from "commander";
import { readKeys } from "../account/keys-file.ts";
import { ownUrl, readRunning } from "../runtime/running-file.ts";
import { durationText, progressText, withProgress } from "./progress.ts";
import { type Reach, reachOf } from "./reach.ts";

/** The options with which a command reaches the running program. */
export interface ClientOptions {
  url?: string;
  key?: string;
  config?: string;
  dataDir?: string;
  json?: boolean;
}

/** No key was given, and none is found. */
export class NoKeyError extends Error {
  override readonly name = "NoKeyError";
}

/** The keys that commands of the API need, and where they are found. */
const KEYS = {
  account: "the account's key (default: MPLUS_KEY, or that in keys.json)",
  organization: "the organization's key (default: MPLUS_ORGANIZATION_KEY, or that in keys.json)",
  operator: "the operator's key (default: MPLUS_OPERATOR_KEY, or operatorKey of the configuration)",
};

/** The options that every command of the API's has. */
export function withClientOptions(command: Command, holder: keyof typeof KEYS = "account"): Command {
  return command
    .option("--url <url>", "where the program listens (default: where it runs, or as configured)")
    .option("--key <key>", KEYS[holder])
    .option("--config <file>", "configuration file")
    .option("--data-dir <folder>", "where the program's database and keys are kept (default: as configured)")
    .option("--json", "print the answer as it is");
}

/** A client for requests that need no key. Rejects with ConfigError. */
export async function openClient(options: ClientOptions): Promise<MessagingPlus> {
  return clientOf(options, await reachFrom(options), options.key);
}

/** Asks. Where the answer is 404 and `other` finds something by the same identifier, the error also names the command that shows it. */
export async function orNameCommand<Result>(
  ask: () => Promise<Result>,
  other: () => Promise<unknown>,
  command: string,
): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    const isMissing = (error as { status?: number }).status === 404;
    if (isMissing && (await other().then(Boolean, () => false))) (error as Error).message += ` ${command} shows it.`;
    throw error;
  }
}

/** A client with the account's key. Rejects with NoKeyError, or ConfigError. */
export async function accountClient(options: ClientOptions): Promise<MessagingPlus> {
  const reach = await reachFrom(options);
  const key = options.key ?? process.env.MPLUS_KEY ?? reach.accountKey ?? (await readKeys(reach.dataDir)).accountKey;
  if (key == null) throw new NoKeyError("no account key: give --key, or set MPLUS_KEY");
  return clientOf(options, reach, key);
}

/** The same with the organization's key. */
export async function organizationClient(options: ClientOptions): Promise<MessagingPlus> {
  const reach = await reachFrom(options);
  const key = options.key ?? reach.organizationKey ?? (await readKeys(reach.dataDir)).organizationKey;
  if (key == null) throw new NoKeyError("no organization key: give --key, or set MPLUS_ORGANIZATION_KEY");
  return clientOf(options, reach, key);
}

/** The same with the operator's key. */
export async function operatorClient(options: ClientOptions): Promise<MessagingPlus> {
  const reach = await reachFrom(options);
  const key = options.key ?? reach.operatorKey;
  if (key === null) {
    throw new NoKeyError("no operator key: configure operatorKey, or set MPLUS_OPERATOR_KEY, here and for the program");
  }
  return clientOf(options, reach, key);
}

/** A list, the whole or its first items. */
export function all<Item>(list: AsyncIterable<Item>, most = Infinity): Promise<Item[]> {
  const items: Item[] = [];
  return withProgress(
    (seconds) => progressText("rows", items.length, null, seconds),
    async () => {
      if (most > 0) {
        for await (const item of list) if (items.push(item) >= most) break;
      }
      return items;
    },
  );
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

/** A whole number of at least 0. */
export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It is not a whole number from 0 on.");
  return Number(text);
}

export function parseSwitch(text: string): boolean {
  if (text !== "on" && text !== "off") throw new InvalidArgumentError("It is neither on nor off.");
  return text === "on";
}

export function reachFrom({ config, dataDir }: ClientOptions): Promise<Reach> {
  const overrides = dataDir === undefined ? {} : { dataDir };
  return reachOf({ file: config, env: process.env, cwd: process.cwd(), overrides });
}

export function clientOf({ url }: ClientOptions, reach: Reach, key: string | undefined): MessagingPlus {
  // A running program says where it is: its port may differ from the configuration's.
  const running = url === undefined ? readRunning(reach.dataDir) : null;
  const cert = running === null ? reach.server.tls.cert : (running.tls?.cert ?? null);
  const ask: typeof fetch = async (input, init) => {
    if (url !== undefined || cert === null) return fetch(input, init);
    const { pinnedFetch } = await import("./pinned-fetch.ts");
    return pinnedFetch(await readFile(cert, "utf8"))(input, init);
  };
  return new MessagingPlus({
    baseUrl: url ?? running?.url ?? urlOf(reach),
    key,
    // Somebody waits: after a quarter of a second they learn that nothing listens there.
    retries: 1,
    fetch: (input, init) =>
      withProgress(
        (seconds) => `waits for an answer, ${durationText(seconds)}`,
        () => ask(input, init),
      ),
  });
}

function urlOf({ server: { host, port, tls } }: Reach): string {
  return ownUrl(host, port, tls.cert !== null);
}
