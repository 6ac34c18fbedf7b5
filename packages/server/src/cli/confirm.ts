import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { shownLine } from "../runtime/shown.ts";
import { endWrongUse } from "./ending.ts";

export interface ConfirmOptions {
  yes?: boolean;
}

/** Adds the option of a command that asks before it does what cannot be undone. */
export function withConfirmation(command: Command): Command {
  return command.option("--yes", "do it without asking");
}

/** Asks whether to go on, unless `--yes` says so; ends the command otherwise, and where there is nobody to ask. */
export async function confirm(command: Command, { yes }: ConfirmOptions, consequence: string): Promise<void> {
  if (yes === true) return;
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    endWrongUse(
      command,
      `${consequence} This cannot be undone, and nobody is at a terminal to be asked: --yes does it`,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const asked = terminal.question(`${shownLine(consequence)} This cannot be undone. Go on? (y/N) `);
  // Ctrl-D is no answer.
  const answer = await Promise.race([asked, once(terminal, "close").then(() => "")]);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) command.error("mplus: nothing was done", { exitCode: 1 });
}
