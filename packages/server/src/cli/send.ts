import { readFile } from "node:fs/promises";
import type { BatchStatus, DetailedBatchStatus } from "@messaging-plus/sdk";
import { Command, Option } from "commander";
import { accountClient, type ClientOptions, print, withClientOptions } from "./client.ts";
import { parseSeconds } from "./listen/replies.ts";

interface SendOptions extends ClientOptions {
  from: string;
  callback?: string;
  id?: string;
  at?: string;
  validity?: number;
  dryRun?: boolean;
  allowMulti?: boolean;
}

/** Adds the options of every command that sends. */
function withSendOptions(command: Command): Command {
  return withClientOptions(command)
    .requiredOption("--from <sender>", "sender ID")
    .option("--callback <url>", "URL for the delivery webhooks")
    .option("--at <time>", "when to send it: ISO 8601; without an offset it is GMT")
    .addOption(new Option("--validity <seconds>", "how long it is worth sending").argParser(parseSeconds))
    .option("--id <uuid>", "identifier to use")
    .option("--dry-run", "check it, and send nothing");
}

/** The fields of `withSendOptions`, and the remaining options. */
function common({ callback, id, at, validity, ...rest }: SendOptions) {
  return { fields: { callback, id, send_at: at, validity }, ...rest };
}

export function sendCommand(): Command {
  return withSendOptions(new Command("send"))
    .description("Sends one text to one number")
    .argument("<to>", "mobile number, E.164")
    .argument("<text>", "the text")
    .action(async (to: string, body: string, options: SendOptions) => {
      const { from, fields, dryRun, ...client } = common(options);
      const message = { from: { type: "custom", value: from }, to, body, ...fields } as const;
      const { messages } = await accountClient(client);
      const answer = await messages.send({ messages: [message] }, { dryRun });
      print(options, answer, () =>
        answer.messages.map((sent) => `message ${sent.messageUuid}\nbatch   ${sent.batchUuid}`),
      );
    });
}

export function batchCommand(): Command {
  return withSendOptions(new Command("batch"))
    .description("Sends one text to many numbers")
    .argument("<text>", "the text")
    .argument("<numbers...>", "mobile numbers, or @FILE with one a line")
    .option("--allow-multi", "allow a text of more than one part")
    .action(async (message: string, numbers: string[], options: SendOptions) => {
      const { from, fields, dryRun, allowMulti, ...client } = common(options);
      const destinations = (await Promise.all(numbers.map(readNumbers))).flat();
      const { batches } = await accountClient(client);
      const answer = await batches.send({ from, message, destinations, ...fields }, { dryRun, allowMulti });
      print(options, answer, () => [`batch ${answer.identifier}`]);
    });
}

export function statusCommand(): Command {
  return withClientOptions(new Command("status"))
    .description("Tells what became of a batch")
    .argument("<uuid>", "the batch")
    .option("--details", "message by message")
    .action(async (uuid: string, { details, ...options }: ClientOptions & { details?: boolean }) => {
      const { batches } = await accountClient(options);
      const answer: BatchStatus & Partial<DetailedBatchStatus> =
        details === true ? await batches.detailedStatus(uuid) : await batches.status(uuid);
      print(options, answer, () => {
        const { total, delivered, failed } = answer.counts;
        const rows = (answer.details ?? []).map((row) => {
          const state = row.delivered ? "delivered" : row.failed ? "failed" : "open";
          return `${(row.destination ?? "erased").padEnd(18)}${state.padEnd(11)}${row.info === null ? "" : `${row.info.code} ${row.info.description}`}`;
        });
        return [
          `${total} in all, ${delivered} delivered, ${failed} failed, ${total - delivered - failed} open`,
          ...rows,
        ];
      });
    });
}

async function readNumbers(text: string): Promise<string[]> {
  if (!text.startsWith("@")) return [text];
  return (await readFile(text.slice(1), "utf8")).split(/\s+/).filter((number) => number !== "");
}
