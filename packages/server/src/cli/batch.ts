import { createHash } from "node:crypto";
import type {
  BatchRequest,
  BatchStatus,
  Counts,
  DetailedBatchStatus,
  Identifier,
  MessagingPlus,
} from "@messaging-plus/sdk";
import { Command } from "commander";
import { batchesOf, LARGEST_BATCH } from "../message/batches-of.ts";
import { accountClient, type ClientOptions, orNameCommand, withClientOptions } from "./client.ts";
import { endWrongUse } from "./ending.ts";
import { type NumbersOptions, numbersOf, withNumbers } from "./number-sources.ts";
import { print, printLines, tell } from "./output.ts";
import { progressText, withProgress } from "./progress.ts";
import { fieldsOf, printDryRun, type SendOptions, waitOption, withSendOptions } from "./send-options.ts";
import { untilFinal } from "./wait.ts";

interface BatchOptions extends SendOptions, NumbersOptions {
  from: string;
  allowMulti?: boolean;
}

export function batchCommand(): Command {
  return withNumbers(withSendOptions(new Command("batch")).argument("<text>", "the text"))
    .description("Sends one text to many numbers")
    .requiredOption("--from <sender>", "sender ID")
    .option("--allow-multi", "allow a text of more than one part")
    .addHelpText(
      "after",
      // Written when it is read: the first number written for a language takes 24 ms.
      () => `More than ${LARGEST_BATCH.toLocaleString("en")} numbers go in several batches; the same command again goes on where it was cut off,
for a day.`,
    )
    .action(async (message: string, given: string[], options: BatchOptions, command: Command) => {
      const { from, dryRun, allowMulti, wait, channel = [] } = options;
      const { numbers, left } = await numbersOf(given, options, command);
      // Of no numbers the API says that there are none.
      const chunks = numbers.size === 0 ? [[]] : batchesOf([...numbers]);
      const [first, ...others] = channel;
      const fields = { channel: first, fallback_channels: first && others, ...(await fieldsOf(options, command)) };
      if (chunks.length > 1 && fields.id !== undefined) {
        endWrongUse(command, `--id names one batch, and these are ${chunks.length}`);
      }
      const client = await accountClient(options);
      const requests = chunks.map((destinations) => ({ from, message, destinations, ...fields }));
      if (dryRun === true) {
        await sendAll(requests, (request) => client.batches.send(request, { dryRun, allowMulti }));
        const planned = chunks.map((some) => ({ text: message, numbers: some }));
        return printDryRun(options, client, planned, left);
      }
      const say = options.json === true ? () => {} : printLines;
      say(left);
      const isOne = requests.length === 1;
      const send = (request: BatchRequest, index: number) => {
        // Whoever sends one batch twice means it; of several, a second command goes on with the first.
        const again = isOne ? {} : { idempotencyKey: keyOf(index, request) };
        return client.batches.send(request, { allowMulti, ...again });
      };
      const answers = await sendAll(requests, send, ({ identifier }) => say([`batch ${identifier}`])).catch((error) => {
        if (!isOne && options.json !== true) {
          tell("not all were sent; the same command again goes on where this one ended");
        }
        throw error;
      });
      if (wait === undefined) {
        print(options, isOne ? answers[0] : answers, () => []);
        return;
      }
      const uuids = answers.map(({ identifier }) => identifier);
      const counts = await finalCounts(client.batches, uuids, wait);
      print(options, { batches: answers, counts }, () => [countsLine(counts)]);
      if (counts.failed > 0) process.exitCode = 1;
    });
}

/** Sends one after another. @param onSent told each answer as it comes */
async function sendAll(
  requests: readonly BatchRequest[],
  send: (request: BatchRequest, index: number) => Promise<Identifier>,
  onSent: (answer: Identifier) => void = () => {},
): Promise<Identifier[]> {
  const total = requests.reduce((sum, { destinations }) => sum + destinations.length, 0);
  const answers: Identifier[] = [];
  let sent = 0;
  return withProgress(
    (seconds) => progressText("numbers", sent, total, seconds),
    async () => {
      for (const [index, request] of requests.entries()) {
        const answer = await send(request, index);
        answers.push(answer);
        sent += request.destinations.length;
        onSent(answer);
      }
      return answers;
    },
  );
}

/** The same for the same chunk of the same command. */
function keyOf(chunk: number, request: object): string {
  return createHash("sha256")
    .update(`${chunk} ${JSON.stringify(request)}`)
    .digest("hex");
}

export function statusCommand(): Command {
  return withClientOptions(new Command("status"))
    .description("Tells what became of a batch; with any key")
    .argument("<uuid>", "the batch")
    .option("--details", "message by message")
    .addOption(waitOption())
    .action(async (uuid: string, options: ClientOptions & { details?: boolean; wait?: true | number }) => {
      const { batches, messages } = await accountClient(options);
      const find = async (): Promise<BatchStatus & Partial<DetailedBatchStatus>> => {
        if (options.wait !== undefined) await finalCounts(batches, [uuid], options.wait);
        return options.details === true ? batches.detailedStatus(uuid) : batches.status(uuid);
      };
      const answer = await orNameCommand(find, () => messages.get(uuid), `mplus show ${uuid}`);
      print(options, answer, () => {
        const rows = (answer.details ?? []).map((row) => {
          const state = row.delivered ? "delivered" : row.failed ? "failed" : "open";
          return `${(row.destination ?? "erased").padEnd(18)}${state.padEnd(11)}${row.info === null ? "" : `${row.info.code} ${row.info.description}`}`;
        });
        return [countsLine(answer.counts), ...rows];
      });
      if (options.wait !== undefined && answer.counts.failed > 0) process.exitCode = 1;
    });
}

/** The counts of all the batches, once every message is final. */
function finalCounts(
  batches: MessagingPlus["batches"],
  uuids: readonly string[],
  most: true | number,
): Promise<Counts> {
  return untilFinal(most, async () => {
    const all = await Promise.all(uuids.map((uuid) => batches.status(uuid)));
    const sum = (name: keyof Counts) => all.reduce((before, { counts }) => before + counts[name], 0);
    const counts = { total: sum("total"), delivered: sum("delivered"), failed: sum("failed") };
    const known = counts.delivered + counts.failed;
    return { is: counts, final: known === counts.total, words: `has ${known} of ${counts.total} messages final` };
  });
}

function countsLine({ total, delivered, failed }: Counts): string {
  return `${total} in all, ${delivered} delivered, ${failed} failed, ${total - delivered - failed} open`;
}
