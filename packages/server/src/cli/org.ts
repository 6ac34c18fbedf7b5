import type { IdentifierAndKey, OrganizationChange } from "@messaging-plus/sdk";
import { Command } from "commander";
import { all, type ClientOptions, operatorClient, parseCredits, parseSwitch, withClientOptions } from "./client.ts";
import { confirmRotation, keepRotatedKey, type RotationOptions, withRotation } from "./kept-keys.ts";
import { organizationKeysCommand } from "./keys.ts";
import { print } from "./output.ts";

/** `mplus org`: the operator's customers. */
export function orgCommand(): Command {
  return new Command("org")
    .description("Makes and changes organizations; needs the operator's key")
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(renameCommand())
    .addCommand(creditsCommand())
    .addCommand(addCommand())
    .addCommand(rotateKeyCommand())
    .addCommand(organizationKeysCommand());
}

function createCommand(): Command {
  return withClientOptions(new Command("create"), "operator")
    .description("Makes an organization and prints its key, which is not shown again")
    .argument("<name>")
    .option("--credits", "its messages are priced, a credit a part")
    .option("--balance <credits>", "credits to begin with", parseCredits)
    .action(async (name: string, options: ClientOptions & { credits?: boolean; balance?: number }) => {
      const { credits, balance, ...client } = options;
      const { operator } = await operatorClient(client);
      const answer = await operator.createOrganization({ name, credits, balance });
      print(client, answer, () => made("organization", answer));
    });
}

function listCommand(): Command {
  return withClientOptions(new Command("list"), "operator")
    .description("Lists the organizations")
    .action(async (options: ClientOptions) => {
      const { operator } = await operatorClient(options);
      const items = await all(operator.organizations({ limit: 1_000 }));
      print(options, { items }, () =>
        items.map(({ identifier, name, credits, balance }) => {
          return `${identifier}  ${credits ? "priced" : "free  "}  ${String(balance).padStart(12)}  ${name}`;
        }),
      );
    });
}

function renameCommand(): Command {
  return change("rename", "Renames an organization")
    .argument("<name>")
    .action((uuid: string, name: string, options: ClientOptions) => patch(options, uuid, { name }));
}

function creditsCommand(): Command {
  return change("credits", "Prices an organization's messages from now on, or no more")
    .argument("<on|off>", "", parseSwitch)
    .action((uuid: string, credits: boolean, options: ClientOptions) => patch(options, uuid, { credits }));
}

function addCommand(): Command {
  return change("add", "Adds credits to an organization's balance; after --, negative ones are taken back")
    .argument("<credits>", "", parseCredits)
    .action((uuid: string, add: number, options: ClientOptions) => patch(options, uuid, { balance: { add } }));
}

function rotateKeyCommand(): Command {
  return withRotation(
    change("rotate-key", "Makes a new key for an organization and prints it; its own key before that ends"),
  ).action(async (uuid: string, { grace, ...options }: RotationOptions, command: Command) => {
    await confirmRotation(command, { grace, ...options });
    const { operator } = await operatorClient(options);
    const answer = await keepRotatedKey(options, "organizationKey", uuid, () => operator.rotateKey(uuid, grace));
    print(options, answer, () => [`key ${answer.apiKey}`]);
  });
}

function change(name: string, description: string): Command {
  return withClientOptions(new Command(name), "operator")
    .description(description)
    .argument("<uuid>", "the organization");
}

async function patch(options: ClientOptions, uuid: string, body: OrganizationChange): Promise<void> {
  const { operator } = await operatorClient(options);
  await operator.changeOrganization(uuid, body);
  print(options, {}, () => [`changed ${uuid}`]);
}

/** The lines about a new object with its own key. */
export function made(kind: string, { identifier, apiKey }: IdentifierAndKey): string[] {
  return [`${kind.padEnd(12)} ${identifier}`, `${"key".padEnd(12)} ${apiKey}`];
}
