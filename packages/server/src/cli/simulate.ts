import { Command, Option } from "commander";
import { parsePort } from "./client.ts";
import { parseSeconds } from "./listen/replies.ts";
import type { HttpProviderOptions } from "./simulate/http.ts";
import type { SmscOptions } from "./simulate/smsc.ts";

/** `mplus simulate`: far ends for trying. */
export function simulateCommand(): Command {
  return new Command("simulate")
    .description("Plays a far end, to try one's own program against")
    .addCommand(smscCommand())
    .addCommand(httpCommand());
}

function smscCommand(): Command {
  return new Command("smsc")
    .description("Runs the simulated SMSC by itself: SMPP 3.4 on a port; docs/simulator.md says what its numbers do")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on", parsePort, 2775)
    .option("--system-id <name>", "the system_id that a bind must have (default: any)")
    .option("--password <text>", "the password that a bind must have (default: any)")
    .addOption(new Option("--receipt-delay <seconds>", "before a receipt").argParser(parseSeconds).default(1))
    .option("--json", "print one line of JSON for each bind and submit")
    .action(async (options: SmscOptions) => (await import("./simulate/smsc.ts")).simulateSmsc(options));
}

function httpCommand(): Command {
  return new Command("http")
    .description("Plays a provider with an HTTP API; docs/guides/http-carriers.md has the carrier that sends to it")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on", parsePort, 8090)
    .option("--token <text>", "the bearer token that a request must have (default: any)")
    .addOption(new Option("--receipt-delay <seconds>", "before a receipt").argParser(parseSeconds).default(1))
    .option("--json", "print one line of JSON for each submit and receipt")
    .action(async (options: HttpProviderOptions) => (await import("./simulate/http.ts")).simulateHttp(options));
}
