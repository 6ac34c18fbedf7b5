import type { NewKey } from "@messaging-plus/sdk";
import type { Command } from "commander";
import { type DefaultKeys, keysFile, readKeys, writeKeys } from "../account/keys-file.ts";
import { type ClientOptions, clientOf, parseCount, reachFrom } from "./client.ts";
import { type ConfirmOptions, confirm, withConfirmation } from "./confirm.ts";
import { tell } from "./output.ts";

/** Options of commands that replace a key or password. */
export interface RotationOptions extends ClientOptions, ConfirmOptions {
  grace: number;
}

export function withRotation(command: Command): Command {
  return withConfirmation(command).option("--grace <seconds>", "how long the one before it still works", parseCount, 0);
}

/** Asks where the one before ends at once. */
export async function confirmRotation(command: Command, options: RotationOptions): Promise<void> {
  if (options.grace === 0) await confirm(command, options, "Whoever uses the one before it is refused from now on.");
}

/**
 * Rotates the key of an account or organization. If the key before it is in `keys.json` of this program, the new one
 * replaces it there.
 * @param uuid the account's or organization's identifier
 */
export async function keepRotatedKey(
  options: ClientOptions,
  kind: keyof DefaultKeys,
  uuid: string,
  rotate: () => Promise<NewKey>,
): Promise<NewKey> {
  const reach = await reachFrom(options);
  const kept = await readKeys(reach.dataDir);
  // With a URL, the folder may be another program's.
  const isKept = options.url === undefined && (await isKeyOf(options, kind, kept[kind], uuid));
  const answer = await rotate();
  if (!isKept) return answer;
  try {
    await writeKeys(reach.dataDir, { ...kept, [kind]: answer.apiKey });
  } catch (error) {
    const file = keysFile(reach.dataDir);
    tell(`mplus: ${file} still has the key before it: ${(error as Error).message}`);
  }
  return answer;
}

async function isKeyOf(
  options: ClientOptions,
  kind: keyof DefaultKeys,
  key: string | null,
  uuid: string,
): Promise<boolean> {
  if (key === null) return false;
  // If the key no longer works, or the program does not answer, the rotation itself reports it.
  const me = await clientOf(options, await reachFrom(options), key)
    .keys.me()
    .catch(() => null);
  const holder = kind === "accountKey" ? me?.account : me?.organization;
  return me?.kind === kind.replace("Key", "") && holder?.identifier === uuid.toLowerCase();
}
