import { Command } from "commander";
import { all, type ClientOptions, organizationClient, withClientOptions } from "./client.ts";
import { type ConfirmOptions, confirm, withConfirmation } from "./confirm.ts";
import { print } from "./output.ts";

/** `mplus sender`: the organization's sender IDs. */
export function senderCommand(): Command {
  return new Command("sender")
    .description("Registers sender IDs, so that nobody else sends under them")
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand());
}

function addCommand(): Command {
  return withClientOptions(new Command("add"), "organization")
    .description("Registers a sender ID")
    .argument("<value>", "the sender ID: a name, or a number")
    .option("--account <uuid>", "the account that may use it (default: every account of the organization)")
    .action(async (value: string, { account, ...options }: ClientOptions & { account?: string }) => {
      const { senders } = await organizationClient(options);
      const answer = await senders.register({ value, account });
      print(options, answer, () => [`sender ${answer.identifier}`]);
    });
}

function listCommand(): Command {
  return withClientOptions(new Command("list"), "organization")
    .description("Lists the registered sender IDs")
    .action(async (options: ClientOptions) => {
      const { senders } = await organizationClient(options);
      const items = await all(senders.list({ limit: 1_000 }));
      print(options, { items }, () =>
        items.map(({ identifier, value, account }) => {
          return `${identifier}  ${value.padEnd(16)}${account === null ? "every account" : `account ${account}`}`;
        }),
      );
    });
}

function removeCommand(): Command {
  return withConfirmation(withClientOptions(new Command("remove"), "organization"))
    .description("Gives a sender ID up")
    .argument("<uuid>", "the sender's identifier, as `mplus sender list` shows it")
    .action(async (uuid: string, options: ClientOptions & ConfirmOptions, command: Command) => {
      await confirm(command, options, `The sender ID ${uuid} is free for others.`);
      const { senders } = await organizationClient(options);
      await senders.delete(uuid);
      print(options, {}, () => [`removed ${uuid}`]);
    });
}
