import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { type ClientOptions, call, print, withClientOptions } from "./client.ts";

interface SendOptions extends ClientOptions {
  from: string;
  callback?: string;
  allowMulti?: boolean;
}

interface MessageAnswer {
  messages: { to: string; batchUuid: string; messageUuid: string }[];
}

export function sendCommand(): Command {
  return withClientOptions(new Command("send"))
    .description("Sends one text to one number")
    .argument("<to>", "mobile number, E.164")
    .argument("<text>", "the text")
    .requiredOption("--from <sender>", "sender ID")
    .option("--callback <url>", "URL for the delivery webhook")
    .action(async (to: string, body: string, { from, callback, ...options }: SendOptions) => {
      const message = {
        from: { type: "custom", value: from },
        to,
        body,
        ...(callback === undefined ? {} : { callback }),
      };
      const answer = (await call(options, "POST", "/message", { messages: [message] })) as MessageAnswer;
      print(options, answer, () =>
        answer.messages.map((sent) => `message ${sent.messageUuid}\nbatch   ${sent.batchUuid}`),
      );
    });
}

export function batchCommand(): Command {
  return withClientOptions(new Command("batch"))
    .description("Sends one text to many numbers")
    .argument("<text>", "the text")
    .argument("<numbers...>", "mobile numbers, or @FILE with one a line")
    .requiredOption("--from <sender>", "sender ID")
    .option("--callback <url>", "URL for the delivery webhooks")
    .option("--allow-multi", "allow a text of more than one part")
    .action(async (message: string, numbers: string[], { from, callback, allowMulti, ...options }: SendOptions) => {
      const destinations = (await Promise.all(numbers.map(readNumbers))).flat();
      const body = { from, message, destinations, ...(callback === undefined ? {} : { callback }) };
      const path = allowMulti === true ? "/batch?allowMulti=true" : "/batch";
      const answer = (await call(options, "POST", path, body)) as { identifier: string };
      print(options, answer, () => [`batch ${answer.identifier}`]);
    });
}

interface StatusAnswer {
  counts: { total: number; delivered: number; failed: number };
  details?: {
    destination: string;
    delivered: boolean;
    failed: boolean;
    info: { code: string; description: string } | null;
  }[];
}

export function statusCommand(): Command {
  return withClientOptions(new Command("status"))
    .description("Tells what became of a batch")
    .argument("<uuid>", "the batch")
    .option("--details", "message by message")
    .action(async (uuid: string, { details, ...options }: ClientOptions & { details?: boolean }) => {
      const query = details === true ? "?details=true" : "";
      const answer = (await call(options, "GET", `/batch/${encodeURIComponent(uuid)}${query}`)) as StatusAnswer;
      print(options, answer, () => {
        const { total, delivered, failed } = answer.counts;
        const rows = (answer.details ?? []).map((row) => {
          const state = row.delivered ? "delivered" : row.failed ? "failed" : "open";
          return `${row.destination.padEnd(18)}${state.padEnd(11)}${row.info === null ? "" : `${row.info.code} ${row.info.description}`}`;
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
