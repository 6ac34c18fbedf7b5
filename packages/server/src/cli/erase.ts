import { Command } from "commander";
import { type ClientOptions, callAsOrganization, print, withOrganizationOptions } from "./client.ts";

interface Erasure {
  messages: number;
  inbound: number;
  scheduled: number;
  pending: number;
}

/** `mplus erase`: erases a handset from what an organization has. */
export function eraseCommand(): Command {
  return withOrganizationOptions(new Command("erase"))
    .description("Erases a handset's texts and addresses from history; needs the organization's key")
    .argument("<number>", "the handset, in E.164")
    .action(async (number: string, options: ClientOptions) => {
      const answer = (await callAsOrganization(options, "DELETE", `/handset/${encodeURIComponent(number)}`)) as Erasure;
      print(options, answer, () => [
        `erased ${answer.messages} messages to it and ${answer.inbound} from it`,
        `took ${answer.scheduled} out of what is scheduled`,
        `${answer.pending} under way, to be erased when they have ended`,
      ]);
    });
}
