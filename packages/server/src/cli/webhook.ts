import type { Attempt, WebhookDetails, WebhookState } from "@messaging-plus/sdk";
import { Command, Option } from "commander";
import { WEBHOOK_STATES } from "../message/webhook.ts";
import { accountClient, all, type ClientOptions, parseCount, withClientOptions } from "./client.ts";
import { print } from "./output.ts";

interface ListOptions extends ClientOptions {
  state?: WebhookState;
  batch?: string;
  message?: string;
  endpoint?: string;
  to?: string;
  since?: string;
  limit: number;
}

/** `mplus webhook`: the account's webhooks with their attempts. */
export function webhookCommand(): Command {
  return new Command("webhook")
    .description("Shows webhooks; mplus replay has them tried again")
    .addCommand(listCommand())
    .addCommand(showCommand());
}

function listCommand(): Command {
  return withClientOptions(new Command("list"))
    .description("Lists webhooks, the newest first")
    .addOption(new Option("--state <state>", "only in this state").choices([...WEBHOOK_STATES]))
    .option("--batch <uuid>", "only of this batch")
    .option("--message <uuid>", "only of this message")
    .option("--endpoint <url>", "only to this URL's origin, or to smpp: and a system_id")
    .option("--to <number>", "only of messages to this number, or its last digits: '*123456'")
    .option("--since <time>", "made from then on: ISO 8601")
    .option("--limit <number>", "how many at most", parseCount, 20)
    .action(async ({ state, batch, message, endpoint, to, since, limit, ...options }: ListOptions) => {
      const { webhooks } = await accountClient(options);
      const filter = { state, batch, message, endpoint, to, from: since };
      const items = await all(webhooks.list({ ...filter, limit: Math.max(1, Math.min(limit, 1_000)) }), limit);
      print(options, { items }, () =>
        items.map(({ id, created_at, kind, state: now, tries, url, last_attempt: last }) => {
          const why = last?.reason == null ? "" : `  ${last.reason}`;
          return `${created_at}  ${id}  ${kind.padEnd(12)}  ${now.padEnd(9)}  ${tries === 1 ? "1 try  " : `${tries} tries`}  ${url}${why}`;
        }),
      );
    });
}

function showCommand(): Command {
  return withClientOptions(new Command("show"))
    .description("Shows a webhook with its body and every attempt")
    .argument("<id>", "its webhook-id, or its message's identifier")
    .action(async (id: string, options: ClientOptions) => {
      const { webhooks } = await accountClient(options);
      const webhook = await webhooks.get(id);
      print(options, webhook, () => linesOf(webhook));
    });
}

function linesOf({ id, kind, state, url, next_at, held, body, attempts }: WebhookDetails): string[] {
  return [
    `webhook  ${id}`,
    `kind     ${kind}`,
    `state    ${state}${next_at === null ? "" : `, next try ${next_at}`}${held === null ? "" : `, held: ${held.why}`}`,
    `url      ${url}`,
    `body     ${body ?? "erased"}`,
    ...attempts.map(attemptLine),
  ];
}

function attemptLine({ at, status, reason, total_ms }: Attempt): string {
  const took = total_ms === null ? "" : `  ${total_ms} ms`;
  return `${at}  ${status ?? "no answer"}${took}${reason === null ? "" : `  ${reason}`}`;
}

/** `mplus endpoints`: the receivers of webhooks. */
export function endpointsCommand(): Command {
  return withClientOptions(new Command("endpoints"))
    .description("Shows how the receivers of webhooks do, those that fail first; with any key")
    .action(async (options: ClientOptions) => {
      const { endpoints } = await accountClient(options);
      const items = await all(endpoints.list({ limit: 1_000 }));
      print(options, { items }, () =>
        items.map(({ origin, state, since, waiting, last }) => {
          return `${state.padEnd(7)}  since ${since}  ${waiting} waiting  ${origin}  ${last.status ?? last.fault ?? ""}`;
        }),
      );
    });
}

interface InboundOptions extends ClientOptions {
  from?: string;
  to?: string;
  since?: string;
  until?: string;
  limit: number;
}

/** `mplus inbound`: messages from handsets. */
export function inboundCommand(): Command {
  return withClientOptions(new Command("inbound"))
    .description("Lists messages from handsets, the newest first")
    .option("--from <number>", "only from this handset")
    .option("--to <number>", "only to this number or sender ID of yours")
    .option("--since <time>", "received from then on: ISO 8601")
    .option("--until <time>", "received before then")
    .option("--limit <number>", "how many at most", parseCount, 20)
    .action(async ({ from, to, since, until, limit, ...options }: InboundOptions) => {
      const { inbound } = await accountClient(options);
      const filter = { from, to, since, until, order: "newest" } as const;
      const items = await all(inbound.list({ ...filter, limit: Math.max(1, Math.min(limit, 1_000)) }), limit);
      print(options, { items }, () =>
        items.map(({ at, mo_uuid, from: handset, to: ours, channel, message }) => {
          return `${at}  ${mo_uuid}  +${handset}  to ${ours}  ${channel}  ${message}`;
        }),
      );
    });
}
