import { Command } from "commander";
import { type ClientOptions, organizationClient, withClientOptions } from "./client.ts";
import { print } from "./output.ts";

/** `mplus erase`: erases a handset from an organization's history. */
export function eraseCommand(): Command {
  return withClientOptions(new Command("erase"), "organization")
    .description("Erases a handset's texts and addresses from history; needs the organization's key")
    .argument("<number>", "the handset, in E.164")
    .action(async (number: string, options: ClientOptions) => {
      const { handsets } = await organizationClient(options);
      const answer = await handsets.erase(number);
      print(options, answer, () => [
        `erased ${answer.messages} messages to it and ${answer.inbound} from it`,
        `took ${answer.scheduled} out of what is scheduled`,
        `${answer.pending} under way, to be erased when they have ended`,
      ]);
    });
}
