import { readFile } from "node:fs/promises";
import type { Channel, Message, MessagingPlus, RichContent } from "@messaging-plus/sdk";
import { type Command, InvalidArgumentError, Option } from "commander";
import { asError } from "../runtime/errors.ts";
import { type ClientOptions, withClientOptions } from "./client.ts";
import { endWrongUse } from "./ending.ts";
import { parseSeconds } from "./listen/replies.ts";
import { countText, printLines, printText } from "./output.ts";

type Tlvs = NonNullable<Message["tlvs"]>;

/** Options of every command that sends. */
export interface SendOptions extends ClientOptions {
  callback?: string;
  id?: string;
  at?: string;
  validity?: number;
  channel?: Channel[];
  rcs?: string;
  tlv?: Tlvs;
  dryRun?: boolean;
  wait?: true | number;
}

export function withSendOptions(command: Command): Command {
  return withClientOptions(command)
    .option("--callback <url>", "URL for the delivery webhooks")
    .option("--at <time>", "when to send it: ISO 8601; without an offset it is GMT")
    .addOption(new Option("--validity <seconds>", "how long it is worth sending").argParser(parseSeconds))
    .option("--id <uuid>", "identifier to use")
    .option("--channel <names>", "channels in the order to try them: rcs,sms (default: sms)", parseChannels)
    .option("--rcs <file>", "JSON of what RCS shows in place of the text")
    .option("--tlv <tag=value>", "optional parameter for SMPP: 0x1401=text, or 0x1402=hex:00ff; again for more", addTlv)
    .addOption(new Option("--dry-run", "check it, say what it would cost, and send nothing").conflicts("wait"))
    .addOption(waitOption().conflicts("at"));
}

export function waitOption(): Option {
  return new Option(
    "--wait [seconds]",
    "wait until it is final, so long at most; the exit code is 1 if it fails, 5 if it is not final by then",
  ).argParser(parseSeconds);
}

/** The fields that messages and batches have under the same name. */
export async function fieldsOf({ callback, id, at, validity, tlv, rcs }: SendOptions, command: Command) {
  return { callback, id, send_at: at, validity, tlvs: tlv, rcs: await richContent(rcs, command) };
}

async function richContent(file: string | undefined, command: Command): Promise<RichContent | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, "utf8");
  try {
    return JSON.parse(text) as RichContent;
  } catch (error) {
    endWrongUse(command, `${file} is not JSON: ${asError(error).message}`);
  }
}

/** The messages of a dry run that go to these numbers with one text. */
export interface Planned {
  text: string;
  /** As digits, or as they were given. */
  numbers: readonly string[];
}

/** Says that nothing was sent, and what it would have been. */
export async function printDryRun(
  options: ClientOptions,
  client: MessagingPlus,
  planned: Planned[],
  left: string[] = [],
) {
  // Loads the tables of the alphabets only here: no other command needs them.
  const { partsTo } = await import("../message/parts-to.ts");
  const [{ account }, { routes }] = await Promise.all([client.keys.me(), client.messages.nationalLanguages()]);
  const messages = planned.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const parts = planned.reduce((sum, { text, numbers }) => sum + numbers.length * partsTo(text, numbers, routes), 0);
  const credits = account?.priced === true ? parts : 0;
  if (options.json === true) printText(`${JSON.stringify({ dry_run: { messages, parts, credits } })}\n`);
  else {
    const price = credits > 0 ? `${countText(credits, "credit")} of ${account?.credits}` : "no credits";
    const sizes = `${countText(messages, "message")}, ${countText(parts, "part")} in all`;
    printLines([...left, `dry run, nothing is sent: ${sizes}, for ${price}`]);
  }
}

function parseChannels(text: string): Channel[] {
  const names = text.split(",");
  const isChannel = (name: string): name is Channel => name === "sms" || name === "rcs";
  if (!names.every(isChannel)) throw new InvalidArgumentError("They are sms, rcs or both, with a comma between.");
  return names;
}

function addTlv(text: string, before: Tlvs = {}): Tlvs {
  const [, tag, hex, value] = /^([^=]+)=(hex:)?(.*)$/s.exec(text) ?? [];
  if (tag === undefined || value === undefined) throw new InvalidArgumentError("It is not TAG=VALUE.");
  return { ...before, [tag]: hex === undefined ? value : { hex: value } };
}
