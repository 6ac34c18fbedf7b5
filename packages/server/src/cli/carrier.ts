import { Command } from "commander";
import { all, type ClientOptions, operatorClient, withClientOptions } from "./client.ts";
import { print } from "./output.ts";

/** `mplus carrier`: the state of the carriers, and pausing them. */
export function carrierCommand(): Command {
  return new Command("carrier")
    .description("Shows the carriers, and has them take nothing for a while; needs the operator's key")
    .addCommand(listCommand())
    .addCommand(change("pause", "Has a carrier take nothing; what it says of messages counts", true))
    .addCommand(change("resume", "Has a carrier go on", false));
}

function listCommand(): Command {
  return withClientOptions(new Command("list"), "operator")
    .description("Lists the carriers of the program that answers")
    .action(async (options: ClientOptions) => {
      const { operator } = await operatorClient(options);
      const items = await all(operator.carriers({ limit: 1_000 }));
      print(options, { items }, () =>
        items.map(({ id, type, state, paused, binds, why }) => {
          const said = [`binds ${binds.up}/${binds.of}`, ...(paused ? ["paused"] : []), ...(why === null ? [] : [why])];
          return `${id.padEnd(20)}  ${type.padEnd(9)}  ${state.padEnd(11)}  ${said.join("  ")}`;
        }),
      );
    });
}

function change(name: string, description: string, paused: boolean): Command {
  return withClientOptions(new Command(name), "operator")
    .description(description)
    .argument("<id>", "the carrier's id in the configuration")
    .action(async (id: string, options: ClientOptions) => {
      const { operator } = await operatorClient(options);
      await (paused ? operator.pauseCarrier(id) : operator.resumeCarrier(id));
      print(options, { id, paused }, () => [`${id} ${paused ? "takes nothing" : "takes messages again"}`]);
    });
}
