import type { Percentiles, Stat, StatGroup } from "@messaging-plus/sdk";
import { Command, InvalidArgumentError, Option } from "commander";
import { STAT_GROUPS } from "../store/stats/read-sums.ts";
import { accountClient, type ClientOptions, operatorClient, organizationClient, withClientOptions } from "./client.ts";
import { print, printCsv } from "./output.ts";

const COUNTS = ["accepted", "submitted", "delivered", "failed", "parts"] as const satisfies (keyof Stat)[];

interface StatsOptions extends ClientOptions {
  organization?: true;
  operator?: true;
  since?: string;
  until?: string;
  by?: "minute" | "hour" | "day";
  group?: StatGroup[];
  csv?: true;
}

/** `mplus stats`: how many messages were sent, and what became of them. */
export function statsCommand(): Command {
  return withClientOptions(new Command("stats"))
    .description("Shows how much was sent and what became of it, by the minute, hour or day")
    .option("--organization", "of all the organization's accounts, with its key")
    .option("--operator", "of everybody, with the operator's key")
    .option("--since <time>", "the beginning, ISO 8601")
    .option("--until <time>", "the end, ISO 8601 (default: now)")
    .addOption(new Option("--by <span>", "what each line is of (default: hour)").choices(["minute", "hour", "day"]))
    .option("--group <names>", `what it is parted by: ${STAT_GROUPS.join(", ")}, with commas between`, parseGroups)
    .addOption(new Option("--csv", "print CSV").conflicts("json"))
    .action(async ({ since, until, by, group = [], csv, ...options }: StatsOptions) => {
      const clientFor = options.operator ? operatorClient : options.organization ? organizationClient : accountClient;
      const client = await clientFor(options);
      const answer = await client.stats.get({ since, until, by, group });
      if (csv === true) printStats(answer.items, group);
      else print(options, answer, () => table(answer.items, group));
    });
}

function parseGroups(text: string): StatGroup[] {
  const names = text.split(",");
  const isGroup = (name: string): name is StatGroup => (STAT_GROUPS as readonly string[]).includes(name);
  if (!names.every(isGroup)) throw new InvalidArgumentError(`They are some of ${STAT_GROUPS.join(", ")}.`);
  return names;
}

function printStats(items: readonly Stat[], groups: readonly StatGroup[]): void {
  const times = ["receipt", "webhook"].flatMap((what) => ["p50", "p95", "p99"].map((share) => `${what}_${share}`));
  const lines = items.map((item) => [
    item.at,
    ...groups.map((group) => item[group]),
    ...COUNTS.map((name) => item[name]),
    ...[item.receipt_seconds, item.webhook_seconds].flatMap(({ p50, p95, p99 }) => [p50, p95, p99]),
  ]);
  printCsv(["at", ...groups, ...COUNTS, ...times], lines);
}

function table(items: readonly Stat[], groups: readonly StatGroup[]): string[] {
  const head = ["at", ...groups, ...COUNTS, "receipt p50/p95/p99 s", "webhook p50/p95/p99 s"];
  const rows = items.map((item) => [
    item.at.slice(0, 16).concat("Z"),
    ...groups.map((group) => item[group] ?? "-"),
    ...COUNTS.map((name) => String(item[name])),
    shares(item.receipt_seconds),
    shares(item.webhook_seconds),
  ]);
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] as string).length)));
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join("  ")
      .trimEnd(),
  );
}

function shares({ p50, p95, p99 }: Percentiles): string {
  return [p50, p95, p99].map((seconds) => seconds ?? "-").join(" / ");
}
