import { Command } from "commander";
import { type ClientOptions, operatorClient, print, withClientOptions } from "./client.ts";

/** `mplus reload`: makes the running program read its configuration anew. */
export function reloadCommand(): Command {
  return withClientOptions(new Command("reload"), "operator")
    .description("Has the program read its configuration anew; needs the operator's key")
    .action(async (options: ClientOptions) => {
      const { operator } = await operatorClient(options);
      const answer = await operator.reload();
      print(options, answer, () => [
        answer.changed.length === 0 ? "nothing has changed" : `changed: ${answer.changed.join(", ")}`,
        ...(answer.restart.length === 0 ? [] : [`needs a restart: ${answer.restart.join(", ")}`]),
      ]);
    });
}

/** `mplus config`: checks the configuration. */
export function configCommand(): Command {
  return new Command("config").description("Looks at a configuration").addCommand(checkCommand());
}

function checkCommand(): Command {
  return new Command("check")
    .description("Names every fault of the configuration, as a start or a reload would; changes nothing")
    .option("--config <file>", "configuration file (default: messaging-plus.json, or MPLUS_CONFIG)")
    .option("--json", "print the answer as JSON")
    .action(async ({ config: file, json }: { config?: string; json?: boolean }) => {
      const { loadConfig } = await import("../config/config.ts");
      const { carriers, routes } = loadConfig({ file, env: process.env, cwd: process.cwd() });
      const answer = { valid: true, carriers: carriers.map(({ id }) => id), routes: routes.length };
      print({ json }, answer, () => [`valid: ${carriers.length} carriers, ${routes.length} routes`]);
    });
}
