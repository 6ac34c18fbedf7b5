import type { AccountChange } from "@messaging-plus/sdk";
import { Command } from "commander";
import {
  type ClientOptions,
  organizationClient,
  parseCount,
  parseCredits,
  parseSwitch,
  withClientOptions,
} from "./client.ts";
import { type ConfirmOptions, confirm, withConfirmation } from "./confirm.ts";
import { confirmRotation, keepRotatedKey, type RotationOptions, withRotation } from "./kept-keys.ts";
import { accountKeysCommand } from "./keys.ts";
import { made } from "./org.ts";
import { print } from "./output.ts";
import { accountSmppCommand } from "./smpp.ts";

/** `mplus account`: an organization's accounts, their keys and credits. */
export function accountCommand(): Command {
  return new Command("account")
    .description("Makes and changes accounts; needs the organization's key")
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(topupCommand())
    .addCommand(renameCommand())
    .addCommand(overdraftCommand())
    .addCommand(deactivateCommand())
    .addCommand(reactivateCommand())
    .addCommand(rotateKeyCommand())
    .addCommand(accountKeysCommand())
    .addCommand(accountSmppCommand())
    .addCommand(webhookCommand())
    .addCommand(ledgerCommand());
}

function createCommand(): Command {
  return withClientOptions(new Command("create"), "organization")
    .description("Makes an account and prints its key, which is not shown again")
    .argument("<name>")
    .action(async (name: string, options: ClientOptions) => {
      const { accounts } = await organizationClient(options);
      const answer = await accounts.create(name);
      print(options, answer, () => made("account", answer));
    });
}

function listCommand(): Command {
  return withClientOptions(new Command("list"), "organization")
    .description("Lists the accounts, deactivated ones too")
    .action(async (options: ClientOptions) => {
      const { accounts } = await organizationClient(options);
      const answer = await accounts.list();
      print(options, answer, () =>
        answer.accounts.map(({ identifier, name, credits, deleted }) => {
          return `${identifier}  ${String(credits).padStart(12)}  ${name}${deleted ? "  (deactivated)" : ""}`;
        }),
      );
    });
}

function showCommand(): Command {
  return change("show", "Shows an account").action(async (uuid: string, options: ClientOptions) => {
    const { accounts } = await organizationClient(options);
    const answer = await accounts.get(uuid);
    const { identifier, name, credits, overdraft, deleted } = answer;
    print(options, answer, () => [
      `account    ${identifier}${deleted ? "  (deactivated)" : ""}`,
      `name       ${name}`,
      `credits    ${credits}`,
      `overdraft  ${overdraft ? "on" : "off"}`,
    ]);
  });
}

function topupCommand(): Command {
  return change("topup", "Moves credits from the organization to an account")
    .argument("<credits>", "", parseCredits)
    .action(async (uuid: string, topup: number, options: ClientOptions) => {
      const { accounts } = await organizationClient(options);
      await accounts.topUp(uuid, topup);
      print(options, {}, () => [`changed ${uuid}`]);
    });
}

function renameCommand(): Command {
  return change("rename", "Renames an account")
    .argument("<name>")
    .action((uuid: string, name: string, options: ClientOptions) => patch(options, uuid, { name }));
}

function overdraftCommand(): Command {
  return change("overdraft", "Lets an account's balance go below zero, or no more")
    .argument("<on|off>", "", parseSwitch)
    .action((uuid: string, overdraft: boolean, options: ClientOptions) => patch(options, uuid, { overdraft }));
}

function deactivateCommand(): Command {
  const words = "Stops an account's keys, cancels what it has pending, takes its credits back";
  return withConfirmation(change("deactivate", words)).action(
    async (uuid: string, options: ClientOptions & ConfirmOptions, command: Command) => {
      await confirm(
        command,
        options,
        `What the account ${uuid} has scheduled is cancelled, and its keys stop working.`,
      );
      const { accounts } = await organizationClient(options);
      await accounts.deactivate(uuid);
      print(options, {}, () => [`deactivated ${uuid}`]);
    },
  );
}

function reactivateCommand(): Command {
  return change("reactivate", "Takes a deactivation back: the account's keys work again").action(
    (uuid: string, options: ClientOptions) => patch(options, uuid, { deleted: false }),
  );
}

function rotateKeyCommand(): Command {
  return withRotation(
    change("rotate-key", "Makes a new key for an account and prints it; its own key before that ends"),
  ).action(async (uuid: string, { grace, ...options }: RotationOptions, command: Command) => {
    await confirmRotation(command, { grace, ...options });
    const { accounts } = await organizationClient(options);
    const answer = await keepRotatedKey(options, "accountKey", uuid, () => accounts.rotateKey(uuid, grace));
    print(options, answer, () => [`key ${answer.apiKey}`]);
  });
}

function webhookCommand(): Command {
  return change("webhook", "Says where an account is told of inbound messages and of its endpoints, or changes it")
    .option("--inbound <url>", "where inbound messages go; none for nowhere")
    .option("--events <url>", "where events about its endpoints go; none for nowhere")
    .action(async (uuid: string, options: ClientOptions & { inbound?: string; events?: string }) => {
      const { inbound, events, ...client } = options;
      const url = (text: string | undefined) => (text === "none" ? null : text);
      const { accountWebhooks } = await organizationClient(client);
      const change = inbound !== undefined || events !== undefined;
      const answer = await (change
        ? accountWebhooks.setUrls(uuid, { inbound_url: url(inbound), events_url: url(events) })
        : accountWebhooks.urls(uuid));
      print(client, answer, () => [
        `inbound  ${answer.inbound_url ?? "none"}`,
        `events   ${answer.events_url ?? "none"}`,
      ]);
    });
}

function ledgerCommand(): Command {
  return change("ledger", "Shows the movements of an account's credits, the newest first")
    .option("--limit <count>", "how many, 1 to 1000", parseCount, 100)
    .option("--after <cursor>", "from behind there, as the page before says")
    .action(async (uuid: string, options: ClientOptions & { limit: number; after?: string }) => {
      const { limit, after, ...client } = options;
      const { accounts } = await organizationClient(client);
      const answer = await accounts.ledger(uuid, { limit, after }).page();
      print(client, answer, () => [
        ...answer.items.map(({ at, kind, credits, balance, batch_uuid: batch }) => {
          const moved = `${credits > 0 ? "+" : ""}${credits}`.padStart(12);
          return `${at}  ${kind.padEnd(6)}${moved}${String(balance).padStart(14)}${batch === null ? "" : `  ${batch}`}`;
        }),
        ...(answer.next === null ? [] : [`more: --after ${answer.next}`]),
      ]);
    });
}

function change(name: string, description: string): Command {
  return withClientOptions(new Command(name), "organization")
    .description(description)
    .argument("<uuid>", "the account");
}

async function patch(options: ClientOptions, uuid: string, change: AccountChange): Promise<void> {
  const { accounts } = await organizationClient(options);
  await accounts.change(uuid, change);
  print(options, {}, () => [`changed ${uuid}`]);
}
