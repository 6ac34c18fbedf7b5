import { Command } from "commander";
import { type ClientOptions, organizationClient, parseCount, withClientOptions } from "./client.ts";
import { print } from "./output.ts";

/** `mplus audit`: who changed what. */
export function auditCommand(): Command {
  return withClientOptions(new Command("audit"), "organization")
    .description("Shows who changed what in the organization, the newest first")
    .option("--limit <count>", "how many changes, 1,000 at most", parseCount, 100)
    .action(async ({ limit, ...options }: ClientOptions & { limit: number }) => {
      const { audit } = await organizationClient(options);
      const page = await audit.list({ limit }).page();
      print(options, page, () =>
        page.items.map(({ at, key, action, object }) => `${at}  ${action.padEnd(24)}${object}  by ${key}`),
      );
    });
}
