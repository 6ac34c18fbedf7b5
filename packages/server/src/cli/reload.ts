import type { OtherReload } from "@messaging-plus/sdk";
import { Command } from "commander";
import { type ClientOptions, operatorClient, withClientOptions } from "./client.ts";
import { countText, print } from "./output.ts";

/** `mplus reload`: makes the running program, and the others on its store, read their configurations anew. */
export function reloadCommand(): Command {
  return withClientOptions(new Command("reload"), "operator")
    .description("Has all programs on the store read their configurations anew; needs the operator's key")
    .action(async (options: ClientOptions) => {
      const { operator } = await operatorClient(options);
      const answer = await operator.reload();
      print(options, answer, () => [
        answer.changed.length === 0 ? "nothing has changed" : `changed: ${answer.changed.join(", ")}`,
        ...(answer.restart.length === 0 ? [] : [`needs a restart: ${answer.restart.join(", ")}`]),
        ...answer.others.flatMap(linesOf),
      ]);
      if (answer.others.some(({ state }) => state !== "reloaded")) process.exitCode = 1;
    });
}

/** Shows the answer of another program on the store. */
function linesOf({ host, pid, changed, restart, detail, errors }: OtherReload): string[] {
  const who = `${host} (process ${pid})`;
  if (detail !== null) return [`${who}: ${detail}`, ...errors.map(({ path, message }) => `  ${path}: ${message}`)];
  return [
    `${who}: ${changed.length === 0 ? "nothing has changed" : `changed: ${changed.join(", ")}`}`,
    ...(restart.length === 0 ? [] : [`  needs a restart: ${restart.join(", ")}`]),
  ];
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
      print({ json }, answer, () => [
        `valid: ${countText(carriers.length, "carrier")}, ${countText(routes.length, "route")}`,
      ]);
    });
}
