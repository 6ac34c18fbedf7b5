import { Command, Option } from "commander";
import { type ClientOptions, operatorClient, withClientOptions } from "./client.ts";
import { type CountryOptions, numberOf, withCountry } from "./number-sources.ts";
import { print } from "./output.ts";

interface RouteOptions extends ClientOptions, CountryOptions {
  account?: string;
  sender?: string;
  channel?: "sms" | "rcs";
}

/** `mplus route`: the route that a message would take. */
export function routeCommand(): Command {
  return withCountry(withClientOptions(new Command("route"), "operator"))
    .description("Says which carriers a message would go to, and why; needs the operator's key")
    .argument("<to>", "mobile number")
    .option("--account <uuid>", "the account that sends it")
    .option("--sender <sender>", "the sender ID")
    .addOption(new Option("--channel <channel>", "by which it goes").choices(["sms", "rcs"]))
    .action(async (to: string, { account, sender, channel, ...options }: RouteOptions, command: Command) => {
      const number = numberOf(to, options, command);
      const { operator } = await operatorClient(options);
      const answer = await operator.route(number, { account, sender, channel });
      print(options, answer, () => [
        ...answer.carriers.map(({ id, state, paused, share }) => {
          const said = [
            paused ? "paused" : (state ?? "unknown"),
            ...(share === null ? [] : [`${(share * 100).toFixed(1)} %`]),
          ];
          return `${id.padEnd(20)}  ${said.join("  ")}`;
        }),
        answer.why,
      ]);
    });
}
