import { Command } from "commander";
import { type ClientOptions, callAsOrganization, print, withOrganizationOptions } from "./client.ts";

interface Senders {
  items: { identifier: string; value: string; account: string | null }[];
  next: string | null;
}

/** `mplus sender`: the organization's sender IDs. */
export function senderCommand(): Command {
  return new Command("sender")
    .description("Registers sender IDs, so that nobody else sends under them")
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand());
}

function addCommand(): Command {
  return withOrganizationOptions(new Command("add"))
    .description("Registers a sender ID")
    .argument("<value>", "the sender ID: a name, or a number")
    .option("--account <uuid>", "the account that may use it (default: every account of the organization)")
    .action(async (value: string, { account, ...options }: ClientOptions & { account?: string }) => {
      const body = { value, ...(account === undefined ? {} : { account }) };
      const answer = (await callAsOrganization(options, "POST", "/sender", body)) as { identifier: string };
      print(options, answer, () => [`sender ${answer.identifier}`]);
    });
}

function listCommand(): Command {
  return withOrganizationOptions(new Command("list"))
    .description("Lists the registered sender IDs")
    .action(async (options: ClientOptions) => {
      const items: Senders["items"] = [];
      for (let after = ""; ; ) {
        const page = (await callAsOrganization(options, "GET", `/sender?limit=1000${after}`)) as Senders;
        items.push(...page.items);
        if (page.next === null) break;
        after = `&after=${page.next}`;
      }
      print(options, { items }, () =>
        items.map(({ identifier, value, account }) => {
          return `${identifier}  ${value.padEnd(16)}${account === null ? "every account" : `account ${account}`}`;
        }),
      );
    });
}

function removeCommand(): Command {
  return withOrganizationOptions(new Command("remove"))
    .description("Gives a sender ID up")
    .argument("<uuid>", "the sender's identifier, as `mplus sender list` shows it")
    .action(async (uuid: string, options: ClientOptions) => {
      const answer = await callAsOrganization(options, "DELETE", `/sender/${encodeURIComponent(uuid)}`);
      print(options, answer, () => [`removed ${uuid}`]);
    });
}
