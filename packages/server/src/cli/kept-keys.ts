import type { NewKey } from "@messaging-plus/sdk";
import { type DefaultKeys, keysFile, readKeys, writeKeys } from "../account/keys-file.ts";
import { type ClientOptions, clientOf, reachFrom } from "./client.ts";

/**
 * Rotates the key of an account or organization. Where the key before it stands in `keys.json` of the program that is
 * asked, the new one takes its place there.
 * @param uuid whose key is rotated
 */
export async function keepRotatedKey(
  options: ClientOptions,
  kind: keyof DefaultKeys,
  uuid: string,
  rotate: () => Promise<NewKey>,
): Promise<NewKey> {
  const reach = await reachFrom(options);
  const kept = await readKeys(reach.dataDir);
  // With a URL it may be another program's folder.
  const isKept = options.url === undefined && (await isKeyOf(options, kind, kept[kind], uuid));
  const answer = await rotate();
  if (!isKept) return answer;
  try {
    await writeKeys(reach.dataDir, { ...kept, [kind]: answer.apiKey });
  } catch (error) {
    const file = keysFile(reach.dataDir);
    process.stderr.write(`mplus: ${file} still has the key before it: ${(error as Error).message}\n`);
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
  // A key that works no more, or a program that does not answer: the rotation itself tells.
  const me = await clientOf(options, await reachFrom(options), key)
    .keys.me()
    .catch(() => null);
  const holder = kind === "accountKey" ? me?.account : me?.organization;
  return me?.kind === kind.replace("Key", "") && holder?.identifier === uuid.toLowerCase();
}
