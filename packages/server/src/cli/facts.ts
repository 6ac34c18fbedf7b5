import type { Me } from "@messaging-plus/sdk";
import { Command } from "commander";
import { accountClient, type ClientOptions, openClient, withClientOptions } from "./client.ts";
import { print } from "./output.ts";

/** `mplus whoami`: the owner of a key. */
export function whoamiCommand(): Command {
  return withClientOptions(new Command("whoami"))
    .description("Says whose a key is, and what it opens; with any key")
    .action(async (options: ClientOptions) => {
      const me = await (await accountClient(options)).keys.me();
      print(options, me, () => ownerLines(me));
    });
}

function ownerLines({ kind, scope, account, organization }: Me): string[] {
  const balance = organization?.balance === undefined ? "" : `  ${organization.balance} credits`;
  return [
    `key           ${kind}, scope ${scope}`,
    ...(organization === undefined ? [] : [`organization  ${organization.identifier}  ${organization.name}${balance}`]),
    ...(account === undefined
      ? []
      : [
          `account       ${account.identifier}  ${account.name}  ${account.credits} credits`,
          `messages      ${account.priced ? "cost a credit a part" : "cost nothing"}, by ${account.channels.join(" and ")}`,
        ]),
  ];
}

/** `mplus codes`: the receipt codes. */
export function codesCommand(): Command {
  return withClientOptions(new Command("codes"))
    .description("Lists the receipt codes and what they mean")
    .action(async (options: ClientOptions) => {
      const codes = await (await openClient(options)).server.receiptCodes();
      print(options, codes, () => codes.map(({ code, description }) => `${code}  ${description}`));
    });
}

/** `mplus languages`: national languages that save parts. */
export function languagesCommand(): Command {
  return withClientOptions(new Command("languages"))
    .description(
      "Lists the national languages in which texts may be written to save parts, by the beginning of numbers",
    )
    .action(async (options: ClientOptions) => {
      const answer = await (await accountClient(options)).messages.nationalLanguages();
      print(options, answer, () =>
        answer.routes.length === 0
          ? ["no carrier takes any"]
          : answer.routes.map(({ to, nationalLanguages }) => `+${to.padEnd(15)}  ${nationalLanguages.join(", ")}`),
      );
    });
}

/** `mplus health`: whether the program is alive and accepts. */
export function healthCommand(): Command {
  return withClientOptions(new Command("health"))
    .description("Says whether the program is alive and can accept; the exit code is 0 if it is, else 5")
    .action(async (options: ClientOptions) => {
      const { server } = await openClient(options);
      await server.live();
      const answer = await server.ready();
      print(options, answer, () => [answer.status, ...answer.warnings]);
    });
}
