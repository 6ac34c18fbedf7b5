import { Command } from "commander";
import { loadConfigApart } from "../config/in-thread.ts";
import { parsePort } from "./client.ts";

interface ServeOptions {
  config?: string;
  roles?: string[];
  dataDir?: string;
  host?: string;
  port?: number;
  json?: boolean;
}

export function serveCommand(): Command {
  return new Command("serve")
    .description("Runs the platform: accepts, sends, and tells what became of it")
    .option("--config <file>", "configuration file (default: messaging-plus.json, or MPLUS_CONFIG)")
    .option("--roles <list>", "of api, carrier, webhooks, with commas between", (list) => list.split(","))
    .option("--data-dir <folder>", "where the embedded database and the keys are kept")
    .option("--host <address>", "address to listen on")
    .option("--port <number>", "port to listen on", parsePort)
    .option("--json", "print where it listens as JSON, once it does")
    .action(async ({ config: file, json = false, ...overrides }: ServeOptions) => {
      const read = () => loadConfigApart({ file, env: process.env, cwd: process.cwd(), overrides });
      // Read in its thread while our modules load, which no other command needs.
      const reading = read();
      reading.catch(() => {});
      const { serve } = await import("./run.ts");
      await serve({ file, json, reading, read });
    });
}
