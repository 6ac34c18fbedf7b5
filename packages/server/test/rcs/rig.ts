import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type Program, startProgram } from "../support/program.ts";
import { type Receiver, receiver } from "../support/receiver.ts";
import { type ScriptedSmsc, scriptedSmsc } from "../support/scripted-smsc.ts";
import { type Sent, sendTo } from "../support/sent.ts";
import { until } from "../support/until.ts";
import { RcsPlatform } from "./platform.ts";

export { finalOf, type Sent } from "../support/sent.ts";

export interface RcsRig {
  platform: RcsPlatform;
  smsc: ScriptedSmsc;
  hooks: Receiver;
  program: Program;
  /** The key file of the platform's account. */
  credentialsFile: string;
}

/**
 * A program between a customer, an RCS platform and an SMSC.
 * @param settings of the platform's carrier
 * @param others settings of further carriers to the same platform
 */
export async function rcsRig(
  config: Record<string, unknown> = {},
  settings: Record<string, unknown> = {},
  ...others: Record<string, unknown>[]
): Promise<RcsRig> {
  const hooks = await receiver();
  afterAll(hooks.close);
  const smsc = await scriptedSmsc();
  afterAll(() => smsc.close());
  const platform = new RcsPlatform();
  await platform.listen();
  afterAll(() => platform.close());
  const credentialsFile = await keyFile(platform.credentials);
  const program = await startProgram({
    config: {
      carriers: [smsc.carrier(), ...[settings, ...others].map((each) => platform.carrier(credentialsFile, each))],
      callbacks: { allowPrivateAddresses: true },
      ...config,
    },
  });
  afterAll(program.stop);
  return { platform, smsc, hooks, program, credentialsFile };
}

/** A file of its own, for as long as the tests run. */
export async function keyFile(content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mplus-rcs-"));
  afterAll(() => rm(folder, { recursive: true }));
  const file = join(folder, "credentials.json");
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

let next = 447700902000;

/** A number that no other test uses. */
export function handset(): string {
  return String(next++);
}

/** Sends one message, by RCS and then by SMS unless told otherwise, with a callback of its own. */
export function send(rig: RcsRig, to: string, extra: Record<string, unknown> = {}): Promise<Sent> {
  return sendTo(rig, to, { channels: ["rcs", "sms"], ...extra });
}

/** What the store has of a message. */
export async function rowOf({ program }: RcsRig, { messageUuid }: Pick<Sent, "messageUuid">) {
  const { rows } = await program.database.pool.query<{
    state: number;
    channel: string | null;
    fallback: string | null;
  }>("SELECT state, channel, fallback FROM message WHERE id = $1", [messageUuid]);
  return rows[0]!;
}

/** Waits until the message is submitted: what its carrier says may come now. */
export async function submitted(rig: RcsRig, sent: Sent): Promise<void> {
  await until("the submit to be recorded", async () => (await rowOf(rig, sent)).state === 1);
}
