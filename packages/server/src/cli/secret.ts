import type { MessagingPlus } from "@messaging-plus/sdk";
import { Command } from "commander";
import { type ClientOptions, organizationClient, withClientOptions } from "./client.ts";
import { type ConfirmOptions, confirm, withConfirmation } from "./confirm.ts";
import { endWrongUse } from "./ending.ts";
import { print } from "./output.ts";

interface SecretOptions extends ClientOptions {
  account?: string;
}

/** `mplus secret`: the secrets that sign an account's webhooks. */
export function secretCommand(): Command {
  return new Command("secret")
    .description(
      "Secrets that an account's webhooks are signed with: two at most, so that one can take the other's place",
    )
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand());
}

function withAccount(command: Command): Command {
  return withClientOptions(command, "organization").option(
    "--account <uuid>",
    "the account (default: the only one there is)",
  );
}

function addCommand(): Command {
  return withAccount(new Command("add"))
    .description("Makes a secret and shows it, this once")
    .action(async (options: SecretOptions, command: Command) => {
      const client = await organizationClient(options);
      const answer = await client.accountWebhooks.createSecret(await accountOf(client, options, command));
      print(options, answer, () => [answer.secret, `identifier ${answer.identifier}`]);
    });
}

function listCommand(): Command {
  return withAccount(new Command("list"))
    .description("Lists the account's secrets, without the secrets themselves")
    .action(async (options: SecretOptions, command: Command) => {
      const client = await organizationClient(options);
      const answer = await client.accountWebhooks.secrets(await accountOf(client, options, command)).page();
      print(options, answer, () => answer.items.map(({ identifier, created_at }) => `${identifier}  ${created_at}`));
    });
}

function removeCommand(): Command {
  return withConfirmation(withAccount(new Command("remove")))
    .description("Removes a secret: nothing is signed with it any more")
    .argument("<uuid>", "the secret's identifier, as `mplus secret list` shows it")
    .action(async (uuid: string, options: SecretOptions & ConfirmOptions, command: Command) => {
      await confirm(command, options, `Nothing is signed with the secret ${uuid} any more.`);
      const client = await organizationClient(options);
      const answer = await client.accountWebhooks.deleteSecret(await accountOf(client, options, command), uuid);
      print(options, answer, () => [`removed ${uuid}`]);
    });
}

/** The account that is named, or the only one. */
async function accountOf(client: MessagingPlus, { account }: SecretOptions, command: Command): Promise<string> {
  if (account !== undefined) return account;
  const { accounts } = await client.accounts.list();
  const live = accounts.filter(({ deleted }) => !deleted);
  const [only] = live;
  if (only === undefined || live.length > 1) {
    endWrongUse(command, `the organization has ${live.length} accounts; --account says which is meant`);
  }
  return only.identifier;
}
