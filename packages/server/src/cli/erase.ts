import type { Erasure } from "@messaging-plus/sdk";
import { Command } from "commander";
import { type ClientOptions, organizationClient, withClientOptions } from "./client.ts";
import { type ConfirmOptions, confirm, withConfirmation } from "./confirm.ts";
import { type NumbersOptions, numbersOf, withNumbers } from "./number-sources.ts";
import { countText, print } from "./output.ts";
import { progressText, withProgress } from "./progress.ts";

/** `mplus erase`: erases handsets from an organization's history. */
export function eraseCommand(): Command {
  return withConfirmation(withClientOptions(withNumbers(new Command("erase")), "organization"))
    .description("Erases handsets' texts and addresses from history; needs the organization's key")
    .action(async (given: string[], options: ClientOptions & NumbersOptions & ConfirmOptions, command: Command) => {
      const { numbers, left } = await numbersOf(given, options, command);
      await confirm(
        command,
        options,
        `The texts and addresses of ${numbers.size === 1 ? "a handset" : `${numbers.size} handsets`} are erased.`,
      );
      const { handsets } = await organizationClient(options);
      const sum: Erasure = { messages: 0, inbound: 0, scheduled: 0, pending: 0 };
      let done = 0;
      await withProgress(
        (seconds) => progressText("handsets", done, numbers.size, seconds),
        async () => {
          for (const number of numbers) {
            const answer = await handsets.erase(number);
            for (const name of ["messages", "inbound", "scheduled", "pending"] as const) sum[name] += answer[name];
            done++;
          }
        },
      );
      print(options, sum, () => [
        ...left,
        `erased ${countText(sum.messages, "message")} to ${numbers.size === 1 ? "it" : "them"} and ${sum.inbound} from ${numbers.size === 1 ? "it" : "them"}`,
        `took ${sum.scheduled} out of what is scheduled`,
        `${sum.pending} under way, to be erased when they have ended`,
      ]);
    });
}
