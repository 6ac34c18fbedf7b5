import type { Command } from "commander";
import { asError } from "../runtime/errors.ts";
import { endWith } from "./ending.ts";
import { mplusCommand } from "./program.ts";

const json = process.argv.includes("--json");

/** Has a command and those below it tell of wrong use by an error, and print nothing themselves where that is to be JSON. */
function tellOfWrongUse(command: Command): void {
  command.exitOverride();
  if (json) command.configureOutput({ writeErr: () => {} });
  for (const each of command.commands) tellOfWrongUse(each);
}

// Whoever reads has read enough, as `head` does.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}

try {
  const command = mplusCommand();
  tellOfWrongUse(command);
  await command.parseAsync();
} catch (error) {
  endWith(asError(error), json);
}
