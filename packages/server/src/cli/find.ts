import { setTimeout as sleep } from "node:timers/promises";
import type { MessageEvent, MessageFilter, MessageItem, MessageState, MessageStory } from "@messaging-plus/sdk";
import { Command } from "commander";
import { accountClient, all, type ClientOptions, orNameCommand, parseCount, withClientOptions } from "./client.ts";
import { type CountryOptions, numberOf, withCountry } from "./number-sources.ts";
import { print, printCsv } from "./output.ts";

interface FindOptions extends ClientOptions, CountryOptions {
  from?: string;
  state?: string;
  code?: string;
  channel?: "sms" | "rcs";
  carrier?: string;
  batch?: string;
  account?: string;
  since?: string;
  until?: string;
  limit: number;
  csv?: boolean;
}

const LOOK_MS = 500;

/** `mplus find`: messages by number and more. */
export function findCommand(): Command {
  return withCountry(withClientOptions(new Command("find")))
    .description("Finds messages, the newest first; with any key")
    .argument("[to]", "a number, or its last digits, six at least: '*123456'")
    .option("--from <sender>", "only from this sender")
    .option("--state <states>", "accepted, submitted, delivered, failed; several with commas")
    .option("--code <code>", "only with this receipt code")
    .option("--channel <channel>", "sms or rcs")
    .option("--carrier <id>", "only by this carrier (organization's or operator's key)")
    .option("--batch <uuid>", "only of this batch")
    .option("--account <uuid>", "only of this account")
    .option("--since <time>", "accepted from then on: ISO 8601")
    .option("--until <time>", "accepted before then")
    .option("--limit <number>", "how many at most", parseCount, 20)
    .option("--csv", "print CSV, with a header")
    .action(async (to: string | undefined, options: FindOptions, command: Command) => {
      const { from, state, code, channel, carrier, batch, account, since, until, limit, csv, ...client } = options;
      const number = to && numberOf(to, options, command);
      const { messages } = await accountClient(client);
      const states = state?.split(",") as MessageState[] | undefined;
      const filter: MessageFilter = {
        to: number,
        from,
        state: states,
        code,
        channel,
        carrier,
        batch,
        account,
        since,
        until,
      };
      const items = await all(messages.list({ ...filter, limit: Math.max(1, Math.min(limit, 1_000)) }), limit);
      if (csv === true) printRows(items);
      else print(client, { items }, () => (items.length === 0 ? ["no such message"] : items.map(itemLine)));
    });
}

/** `mplus show`: a message with its story. */
export function showCommand(): Command {
  return withClientOptions(new Command("show"))
    .description("Tells all that happened to a message; with any key")
    .argument("<uuid>", "the message")
    .option("--watch", "go on until it is final")
    .option("--csv", "print its events as CSV, with a header")
    .action(async (uuid: string, { watch, csv, ...client }: ClientOptions & { watch?: boolean; csv?: boolean }) => {
      const { messages, batches } = await accountClient(client);
      const find = () => messages.get(uuid);
      let story = await orNameCommand(find, () => batches.status(uuid), `mplus status ${uuid}`);
      if (watch !== true || client.json === true || csv === true) {
        if (watch === true) story = await messages.final(uuid, { everyMs: LOOK_MS });
        if (csv === true) return printRows(story.events);
        print(client, story, () => storyLines(story));
        return;
      }
      print(client, story, () => [...headLines(story), ...story.events.map(eventText)]);
      for (let told = story.events.length; story.waiting !== null; ) {
        await sleep(LOOK_MS);
        story = await messages.get(uuid);
        const news = story.events.slice(told);
        told = Math.max(told, story.events.length);
        if (news.length > 0) print(client, story, () => news.map(eventText));
      }
    });
}

function itemLine(item: MessageItem): string {
  const { message_uuid, accepted_at, to, from, state, code, description } = item;
  const why = code === null ? "" : `  ${code} ${description}`;
  return `${accepted_at}  ${message_uuid}  ${(to ?? "erased").padEnd(16)}  ${(from ?? "").padEnd(15)}  ${state}${why}`;
}

function headLines(story: MessageStory): string[] {
  const { message_uuid, batch_uuid, to, from, channel, parts, state, code, description } = story;
  return [
    `message  ${message_uuid}`,
    `batch    ${batch_uuid}`,
    `to       ${to ?? "erased"}, from ${from ?? "nobody"}, by ${channel}, ${parts === 1 ? "1 part" : `${parts} parts`}`,
    `state    ${state}${code === null ? "" : `: ${code} ${description}`}`,
  ];
}

function storyLines(story: MessageStory): string[] {
  const { waiting } = story;
  const ahead = waiting?.ahead === undefined ? "" : `, ${waiting.ahead} ahead`;
  const end = waiting?.until == null ? "" : `, until ${waiting.until}`;
  const waits = waiting === null ? [] : [`waits (${waiting.why}) since ${waiting.since}${ahead}${end}`];
  return [...headLines(story), ...story.events.map(eventText), ...waits];
}

function eventText({ at, kind, ...rest }: MessageEvent): string {
  const fields = Object.entries(rest).filter(([, value]) => value !== null);
  return `${at}  ${kind.padEnd(9)}  ${fields.map(([name, value]) => `${name} ${value}`).join(", ")}`.trimEnd();
}

function printRows(rows: readonly object[]): void {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  printCsv(
    names,
    rows.map((row) => names.map((name) => (row as Record<string, unknown>)[name])),
  );
}
