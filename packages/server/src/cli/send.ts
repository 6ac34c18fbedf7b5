import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { BatchStatus, DetailedBatchStatus } from "@messaging-plus/sdk";
import { Command, InvalidArgumentError, Option } from "commander";
import { accountClient, type ClientOptions, withClientOptions } from "./client.ts";
import { endWrongUse } from "./ending.ts";
import { parseSeconds } from "./listen/replies.ts";
import { type Listed, type NoNumber, type Numbers, type NumbersOptions, readNumbers } from "./numbers.ts";
import { print, tell } from "./output.ts";

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
function common<Options extends SendOptions>({ callback, id, at, validity, ...rest }: Options) {
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
        answer.messages.flatMap((sent) => [`message ${sent.messageUuid}`, `batch   ${sent.batchUuid}`]),
      );
    });
}

interface BatchOptions extends SendOptions, NumbersOptions {
  skipInvalid?: boolean;
  rejects?: string;
}

/** The most numbers of one request. */
const CHUNK = 100_000;

export function batchCommand(): Command {
  return withSendOptions(new Command("batch"))
    .description("Sends one text to many numbers")
    .argument("<text>", "the text")
    .argument("<numbers...>", "mobile numbers, @FILE with some a line, or - for standard input")
    .option("--column <name>", "the column of a CSV with the numbers: its name, or its place from 1")
    .option("--country <code>", "the calling code of numbers in national form, as 44", parseCallingCode)
    .option("--skip-invalid", "send to the others where some are no numbers")
    .option("--rejects <file>", "write what is no number there, with line and reason")
    .option("--allow-multi", "allow a text of more than one part")
    .addHelpText(
      "after",
      `
Files may have comments (#), blank lines, and numbers with blanks, +, 00 or in national form.
More than ${CHUNK.toLocaleString("en")} numbers go in several batches; the same command again goes on where it was cut off.`,
    )
    .action(async (message: string, given: string[], options: BatchOptions, command: Command) => {
      const { from, fields, dryRun, allowMulti, column, country, skipInvalid, rejects, ...client } = common(options);
      const reading = { column, country };
      const { numbers, faults } = joined(await Promise.all(given.map((source) => numbersFrom(source, reading))));
      if (rejects !== undefined) await writeFile(rejects, faults.map((fault) => `${faultLine(fault)}\n`).join(""));
      if (faults.length > 0 && skipInvalid !== true) {
        const listed = faults.map((fault) => `\n  ${faultLine(fault)}`).join("");
        endWrongUse(command, `${faults.length} are no numbers; --skip-invalid sends to the others${listed}`);
      }
      const destinations = numbers.map(({ number }) => number);
      const chunks = Math.max(1, Math.ceil(destinations.length / CHUNK));
      if (chunks > 1 && fields.id !== undefined) {
        endWrongUse(command, `--id names one batch, and these are ${chunks}`);
      }
      const { batches } = await accountClient(client);
      const answers: { identifier: string }[] = [];
      for (let chunk = 0; chunk < chunks; chunk++) {
        const some = destinations.slice(chunk * CHUNK, (chunk + 1) * CHUNK);
        const request = { from, message, destinations: some, ...fields };
        // Whoever sends one batch twice means it; of several, a second command goes on with the first.
        const again = chunks > 1 ? { idempotencyKey: keyOf(chunk, request) } : {};
        answers.push(await batches.send(request, { dryRun, allowMulti, ...again }));
        if (chunks > 1 && options.json !== true) {
          tell(`${chunk * CHUNK + some.length} of ${destinations.length} numbers`);
        }
      }
      const skipped = faults.length > 0 ? [`${faults.length} left out, which are no numbers`] : [];
      const sent =
        dryRun === true
          ? [await checkedLine(message, destinations.length)]
          : answers.map(({ identifier }) => `batch ${identifier}`);
      print(options, chunks === 1 ? answers[0] : answers, () => [...skipped, ...sent]);
    });
}

/** Loads the tables of the alphabets only here: no other command needs them. */
async function checkedLine(message: string, count: number): Promise<string> {
  const { countParts } = await import("../message/segment.ts");
  const parts = countParts(message);
  return `dry run, nothing is sent: ${count} messages of ${parts} ${parts === 1 ? "part" : "parts"}`;
}

function parseCallingCode(text: string): string {
  const [, code] = /^\+?([1-9]\d{0,2})$/.exec(text) ?? [];
  if (code === undefined) throw new InvalidArgumentError("It is not a country's calling code, such as 44.");
  return code;
}

/** A number, a file's or standard input's. */
async function numbersFrom(source: string, options: NumbersOptions): Promise<Numbers & { source: string }> {
  if (source === "-") return { source: "", ...readNumbers(await text(process.stdin), options) };
  if (source.startsWith("@"))
    return { source: `${source.slice(1)} `, ...readNumbers(await readFile(source.slice(1), "utf8"), options) };
  return { source: "", ...readNumbers(source, { country: options.country }) };
}

interface NamedFault extends NoNumber {
  source: string;
}

function joined(all: readonly (Numbers & { source: string })[]): { numbers: Listed[]; faults: NamedFault[] } {
  return {
    numbers: all.flatMap(({ numbers }) => numbers),
    faults: all.flatMap(({ source, faults }) => faults.map((fault) => ({ source, ...fault }))),
  };
}

function faultLine({ source, line, value, why }: NamedFault): string {
  return `${source}line ${line}: ${JSON.stringify(value)} ${why}`;
}

/** The same for the same chunk of the same command. */
function keyOf(chunk: number, request: object): string {
  return createHash("sha256")
    .update(`${chunk} ${JSON.stringify(request)}`)
    .digest("hex");
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
