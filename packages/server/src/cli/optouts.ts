import { Command } from "commander";
import { all, type ClientOptions, organizationClient, withClientOptions } from "./client.ts";
import { print } from "./output.ts";

/** `mplus optouts`: shows a handset's opt-outs, and takes them back. */
export function optOutsCommand(): Command {
  return withClientOptions(new Command("optouts"), "organization")
    .description("Shows which accounts a handset has opted out of")
    .argument("<number>", "the handset")
    .option("--delete", "take it back for all accounts: where its owner has asked for it alone")
    .action(async (number: string, { delete: remove, ...options }: ClientOptions & { delete?: boolean }) => {
      const { optOuts } = await organizationClient(options);
      if (remove === true) {
        const answer = await optOuts.delete(number);
        print(options, answer, () => [`taken back for ${answer.accounts} accounts`]);
        return;
      }
      const items = await all(optOuts.list(number));
      const none = `${number} has not opted out`;
      print(options, { items }, () =>
        items.length === 0 ? [none] : items.map(({ account_uuid, at }) => `account ${account_uuid}  since ${at}`),
      );
    });
}
