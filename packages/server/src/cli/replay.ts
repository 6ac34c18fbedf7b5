import { setTimeout as sleep } from "node:timers/promises";
import type { MessagingPlus, WebhookFilter, WebhookState } from "@messaging-plus/sdk";
import { Command, InvalidArgumentError, Option } from "commander";
import { WEBHOOK_STATES } from "../message/webhook.ts";
import { accountClient, type ClientOptions, withClientOptions } from "./client.ts";
import { endWrongUse } from "./ending.ts";
import { print } from "./output.ts";
import { progressText, withProgress } from "./progress.ts";

interface ReplayOptions extends ClientOptions {
  state: WebhookState;
  from?: string;
  to?: string;
  rate?: number;
  endpoint?: string;
  wait: boolean;
}

/** The progress of a replay, in webhooks. */
interface Progress {
  replayed: number;
  /** Not tried again yet. */
  waiting: number;
  /** Tried again, and waiting for the next try. */
  retrying: number;
}

const LOOK_MS = 1_000;
/** Further ones are not counted, and the output says "at most". */
const MOST_COUNTED = 20_000;

export function replayCommand(): Command {
  return withClientOptions(new Command("replay"))
    .description("Has webhooks tried again: one, or all of a state within a time")
    .argument("[id]", "one webhook, by its id or its message's")
    .addOption(new Option("--state <state>", "which").choices([...WEBHOOK_STATES]).default("exhausted"))
    .option("--from <time>", "of messages accepted from then on: ISO 8601")
    .option("--to <time>", "and before then (default: now)")
    .addOption(new Option("--rate <number>", "how many a second (default: 100)").argParser(parseRate))
    .option(
      "--endpoint <origin>",
      "only those to this origin, as https://hooks.example.com, or to smpp: and a system_id",
    )
    .option("--no-wait", "do not wait until each was tried again")
    .action(async (id: string | undefined, options: ReplayOptions, command: Command) => {
      if (id !== undefined) return replayOne(id, options);
      if (options.from === undefined) endWrongUse(command, "say which: an id, or --from a time");
      await replayRange(options.from, options);
    });
}

async function replayOne(id: string, options: ReplayOptions): Promise<void> {
  const { webhooks } = await accountClient(options);
  const answer = await webhooks.replay(id);
  print(options, answer, () => [answer.replayed > 0 ? "it is tried again" : "it is being tried as it is"]);
}

async function replayRange(from: string, options: ReplayOptions): Promise<void> {
  const { webhooks } = await accountClient(options);
  const { state, rate, endpoint, to = new Date().toISOString() } = options;
  const { replayed } = await webhooks.replayMany({ state, from, to, rate, endpoint });
  let progress: Progress = { replayed, waiting: replayed, retrying: 0 };
  if (options.wait) {
    await withProgress(
      (seconds) => textOf(progress, seconds),
      async () => {
        while (progress.waiting > 0) {
          await sleep(LOOK_MS);
          progress = { replayed, ...(await pendingOf(webhooks, { from, to, endpoint })) };
        }
      },
    );
  }
  print(options, options.wait ? progress : { replayed }, () => [`${replayed} replayed`]);
}

/** The pending webhooks of the range, by whether they were tried again. */
async function pendingOf(
  webhooks: MessagingPlus["webhooks"],
  range: WebhookFilter,
): Promise<Omit<Progress, "replayed">> {
  let waiting = 0;
  let retrying = 0;
  for await (const { tries } of webhooks.list({ ...range, state: "pending", limit: 1_000 })) {
    if (tries === 0) waiting++;
    else retrying++;
    if (waiting + retrying === MOST_COUNTED) break;
  }
  return { waiting, retrying };
}

function textOf({ replayed, waiting, retrying }: Progress, seconds: number): string {
  const tried = Math.max(0, replayed - waiting);
  const bound = waiting + retrying === MOST_COUNTED ? "at most " : "";
  return `${bound}${progressText("tried again", tried, replayed, seconds)}${retrying > 0 ? `, ${retrying} of them to be tried once more` : ""}`;
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (!(rate > 0 && rate <= 10_000)) throw new InvalidArgumentError("It is not a number above 0, up to 10,000.");
  return rate;
}
