import type { OptOut } from "@messaging-plus/sdk";
import { Command } from "commander";
import { all, type ClientOptions, organizationClient, withClientOptions } from "./client.ts";
import { type ConfirmOptions, confirm, withConfirmation } from "./confirm.ts";
import { type NumbersOptions, numbersOf, withNumbers } from "./number-sources.ts";
import { countText, print } from "./output.ts";
import { progressText, withProgress } from "./progress.ts";

interface OptOutsOptions extends ClientOptions, NumbersOptions, ConfirmOptions {
  delete?: boolean;
}

/** `mplus optouts`: shows handsets' opt-outs, and takes them back. */
export function optOutsCommand(): Command {
  return withConfirmation(withClientOptions(withNumbers(new Command("optouts")), "organization"))
    .description("Shows which accounts handsets have opted out of")
    .option("--delete", "take it back for all accounts: where its owner has asked for it alone")
    .action(async (given: string[], options: OptOutsOptions, command: Command) => {
      const { numbers, left } = await numbersOf(given, options, command);
      if (options.delete === true) await confirm(command, options, "Those who wanted no messages may get some again.");
      const { optOuts } = await organizationClient(options);
      const items: OptOut[] = [];
      let accounts = 0;
      let done = 0;
      await withProgress(
        (seconds) => progressText("handsets", done, numbers.size, seconds),
        async () => {
          for (const number of numbers) {
            if (options.delete === true) accounts += (await optOuts.delete(number)).accounts;
            else items.push(...(await all(optOuts.list(number))));
            done++;
          }
        },
      );
      if (options.delete === true)
        print(options, { accounts }, () => [...left, `taken back for ${countText(accounts, "account")}`]);
      else print(options, { items }, () => [...left, ...linesOf(items, numbers)]);
    });
}

function linesOf(items: readonly OptOut[], numbers: ReadonlySet<string>): string[] {
  const lines = items.map(({ number, account_uuid, at }) => `${number}  account ${account_uuid}  since ${at}`);
  return lines.length > 0
    ? lines
    : [numbers.size === 1 ? `${[...numbers][0]} has not opted out` : "none has opted out"];
}
