import { Command, Option } from "commander";
import { accountClient, all, type ClientOptions, parseCount, withClientOptions } from "./client.ts";
import { type ConfirmOptions, confirm, withConfirmation } from "./confirm.ts";
import { countText, print } from "./output.ts";

interface ListOptions extends ClientOptions {
  scheduled?: boolean;
  from?: string;
  since?: string;
  until?: string;
  limit: number;
}

/** `mplus batches`: what was sent, and what is held for its time. */
export function batchesCommand(): Command {
  return withClientOptions(new Command("batches"))
    .description("Lists batches, the newest first; with any key")
    .addOption(
      new Option("--scheduled", "those alone that are held for their time, the soonest first").conflicts([
        "from",
        "since",
        "until",
      ]),
    )
    .option("--from <sender>", "only from this sender")
    .option("--since <time>", "accepted from then on: ISO 8601")
    .option("--until <time>", "accepted before then")
    .option("--limit <number>", "how many at most", parseCount, 20)
    .action(async ({ scheduled, from, since, until, limit, ...options }: ListOptions) => {
      const { batches } = await accountClient(options);
      const page = { limit: Math.max(1, Math.min(limit, 1_000)) };
      if (scheduled === true) {
        const items = await all(batches.pending(page), limit);
        print(options, { items }, () =>
          items.map(({ identifier, at, from: sender, messagecount }) => {
            return `${identifier}  at ${at}  ${(sender ?? "erased").padEnd(15)}  ${countText(messagecount, "message")}`;
          }),
        );
        return;
      }
      const items = await all(batches.list({ from, since, until, ...page }), limit);
      print(options, { items }, () =>
        items.map(({ identifier, at, from: sender, state, messagecount, delivered, failed }) => {
          const counts = `${countText(messagecount, "message")}, ${delivered} delivered, ${failed} failed`;
          return `${identifier}  ${at}  ${(sender ?? "erased").padEnd(15)}  ${state.padEnd(7)}  ${counts}`;
        }),
      );
    });
}

/** `mplus cancel`: takes back what is held for its time. */
export function cancelCommand(): Command {
  return withConfirmation(withClientOptions(new Command("cancel")))
    .description("Cancels a batch that is held for its time: nothing of it is sent")
    .argument("<uuid>", "the batch")
    .action(async (uuid: string, options: ClientOptions & ConfirmOptions, command: Command) => {
      await confirm(command, options, `The batch ${uuid} will not be sent.`);
      const { batches } = await accountClient(options);
      const answer = await batches.cancel(uuid);
      print(options, answer, () => [`cancelled ${answer.identifier}`]);
    });
}
