import type { SmppCredential, SmppCredentialFields } from "@messaging-plus/sdk";
import { Command, InvalidArgumentError, Option } from "commander";
import { all, type ClientOptions, organizationClient, parseCount, withClientOptions } from "./client.ts";
import { type ConfirmOptions, confirm, withConfirmation } from "./confirm.ts";
import { confirmRotation, type RotationOptions, withRotation } from "./kept-keys.ts";
import { print } from "./output.ts";

interface FieldOptions extends ClientOptions {
  systemId?: string;
  binds?: number;
  window?: number;
  throughput?: number | null;
  allow?: string[];
  alphabet?: "gsm" | "latin1" | "ascii";
}

/** `mplus account smpp`: the credentials with which an account's software binds. */
export function accountSmppCommand(): Command {
  return new Command("smpp")
    .description("What an account's software binds with over SMPP; needs the organization's key")
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(changeCommand())
    .addCommand(rotateCommand())
    .addCommand(deleteCommand())
    .addCommand(boundCommand());
}

function command(name: string, description: string): Command {
  return withClientOptions(new Command(name), "organization")
    .description(description)
    .argument("<uuid>", "the account");
}

function withFields(made: Command): Command {
  return made
    .option("--system-id <name>", "what the software calls itself, 1 to 15 characters")
    .option("--binds <count>", "binds at one time, 1 to 64", parseCount)
    .option("--window <count>", "submits of one bind that may be without an answer", parseCount)
    .option("--throughput <rate>", "submits a second, or none for no limit", parseThroughput)
    .option("--allow <networks>", "where it may bind from, with commas between, or any", parseNetworks)
    .addOption(new Option("--alphabet <name>", "what data_coding 0 is written in").choices(["gsm", "latin1", "ascii"]));
}

function createCommand(): Command {
  return withFields(command("create", "Makes a system_id and its password, which is not shown again")).action(
    async (uuid: string, options: FieldOptions) => {
      const answer = await (await organizationClient(options)).smpp.create(uuid, fieldsOf(options));
      print(options, answer, () => [
        `system_id    ${answer.system_id}`,
        `password     ${answer.password}`,
        `identifier   ${answer.identifier}`,
      ]);
    },
  );
}

function boundCommand(): Command {
  return withClientOptions(new Command("bound"), "organization")
    .description("Lists the binds of the organization's accounts to the program that answers, the oldest first")
    .action(async (options: ClientOptions) => {
      const items = await all((await organizationClient(options)).smpp.bound({ limit: 1_000 }));
      print(options, { items }, () =>
        items.map(({ system_id, kind, address, since, under_way, window, counts }) => {
          const { accepted, refused, delivered } = counts;
          const said = `accepted ${accepted}  refused ${refused}  delivered ${delivered}`;
          return `${system_id.padEnd(15)}  ${kind.padEnd(11)}  ${address.padEnd(15)}  since ${since}  window ${under_way}/${window}  ${said}`;
        }),
      );
    });
}

function listCommand(): Command {
  return command("list", "Lists the credentials, the newest first").action(
    async (uuid: string, options: ClientOptions) => {
      const items = await all((await organizationClient(options)).smpp.list(uuid, { limit: 1_000 }));
      print(options, { items }, () => items.map(line));
    },
  );
}

function changeCommand(): Command {
  return withFields(
    command("change", "Changes what a credential may do").argument(
      "<credential>",
      "its identifier, as `list` shows it",
    ),
  ).action(async (uuid: string, credential: string, options: FieldOptions) => {
    await (await organizationClient(options)).smpp.change(uuid, credential, fieldsOf(options));
    print(options, {}, () => [`changed ${credential}`]);
  });
}

function rotateCommand(): Command {
  return withRotation(command("rotate-password", "Makes a new password and prints it; the one before it ends"))
    .argument("<credential>", "its identifier, as `list` shows it")
    .action(async (uuid: string, credential: string, { grace, ...options }: RotationOptions, self: Command) => {
      await confirmRotation(self, { grace, ...options });
      const answer = await (await organizationClient(options)).smpp.rotatePassword(uuid, credential, grace);
      print(options, answer, () => [`password ${answer.password}`]);
    });
}

function deleteCommand(): Command {
  return withConfirmation(command("delete", "Takes a credential away; its binds end"))
    .argument("<credential>", "its identifier, as `list` shows it")
    .action(async (uuid: string, credential: string, options: ClientOptions & ConfirmOptions, self: Command) => {
      await confirm(self, options, `The credential ${credential} ends, and its binds.`);
      const answer = await (await organizationClient(options)).smpp.delete(uuid, credential);
      print(options, answer, () => [`deleted ${credential}`]);
    });
}

function fieldsOf({ systemId, binds, window, throughput, allow, alphabet }: FieldOptions): SmppCredentialFields {
  return { system_id: systemId, binds, window, throughput, allow, alphabet };
}

function parseThroughput(text: string): number | null {
  if (text === "none") return null;
  if (!(Number(text) > 0)) throw new InvalidArgumentError("It is no rate.");
  return Number(text);
}

function parseNetworks(text: string): string[] {
  return text === "any" ? [] : text.split(",");
}

function line({ identifier, system_id, binds, window, throughput, allow, alphabet }: SmppCredential): string {
  const limits = `binds ${binds}  window ${window}  throughput ${throughput ?? "none"}  ${alphabet}`;
  return `${identifier}  ${system_id.padEnd(15)}  ${limits}  ${allow.length === 0 ? "any address" : allow.join(",")}`;
}
