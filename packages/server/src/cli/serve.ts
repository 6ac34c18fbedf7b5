import { Command } from "commander";
import { parsePort } from "./client.ts";
import type { ServeOptions } from "./run.ts";

export function serveCommand(): Command {
  return (
    new Command("serve")
      .description("Runs the platform: accepts, sends, and tells what became of it")
      .option("--config <file>", "configuration file (default: messaging-plus.json, or MPLUS_CONFIG)")
      .option("--roles <list>", "of api, carrier, webhooks, with commas between", (list) => list.split(","))
      .option("--data-dir <folder>", "where the embedded database and the keys are kept")
      .option("--host <address>", "address to listen on")
      .option("--port <number>", "port to listen on", parsePort)
      .option("--json", "print where it listens as JSON, once it does")
      // Loaded on use: no other command needs its modules.
      .action(async (options: ServeOptions) => (await import("./run.ts")).serve(options))
  );
}
