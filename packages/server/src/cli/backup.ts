import { Command } from "commander";
import type { BackupOptions } from "./backup/files.ts";

// Modules of the store are loaded on use: all other commands start without them.

export function backupCommand(): Command {
  return new Command("backup")
    .description("Writes the whole store to a file, as it is at one moment; the program may run meanwhile")
    .argument("<file>", "where to; it holds texts, numbers and secrets")
    .option("--config <file>", "configuration file")
    .option("--json", "print what was written as JSON")
    .action(async (file: string, options: BackupOptions) => (await import("./backup/files.ts")).backup(file, options));
}

export function restoreCommand(): Command {
  return new Command("restore")
    .description("Fills an empty store with a backup; no program may run on it meanwhile")
    .argument("<file>", "what `mplus backup` wrote")
    .option("--config <file>", "configuration file")
    .option("--json", "print what was restored as JSON")
    .action(async (file: string, options: BackupOptions) => (await import("./backup/files.ts")).restore(file, options));
}
