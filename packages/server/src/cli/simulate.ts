import { Command, InvalidArgumentError, Option } from "commander";
import { asError } from "../runtime/errors.ts";
import { parseCount, parsePort } from "./client.ts";
import { parseSeconds } from "./listen/replies.ts";
import { ALPHABETS, DATA_CODINGS, type EsmeOptions, LONG_FORMS } from "./simulate/esme-options.ts";
import type { HttpProviderOptions } from "./simulate/http.ts";
import type { RcsOptions } from "./simulate/rcs.ts";
import type { SmscOptions } from "./simulate/smsc.ts";

/** `mplus simulate`: far ends for trying. */
export function simulateCommand(): Command {
  return new Command("simulate")
    .description("Plays a far end, to try one's own program against")
    .addCommand(smscCommand())
    .addCommand(httpCommand())
    .addCommand(rcsCommand())
    .addCommand(esmeCommand());
}

function smscCommand(): Command {
  return new Command("smsc")
    .description("Runs the simulated SMSC by itself: SMPP 3.4 on a port; docs/simulator.md says what its numbers do")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on", parsePort, 2775)
    .option("--system-id <name>", "the system_id that a bind must have (default: any)")
    .option("--password <text>", "the password that a bind must have (default: any)")
    .addOption(new Option("--receipt-delay <seconds>", "before a receipt").argParser(parseSeconds).default(1))
    .option("--throughput <number>", "submits a second of a system_id, 0: no limit; more get 0x58", parseCount, 0)
    .option("--source-ton <number>", "the only type of number of senders that it takes", parseCount)
    .option("--source-npi <number>", "the only numbering plan of senders", parseCount)
    .option("--dest-ton <number>", "the only type of number of destinations", parseCount)
    .option("--dest-npi <number>", "the only numbering plan of destinations", parseCount)
    .option("--receipts-to <name>", "the system_id whose binds get all receipts (default: that of the submit)")
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

function rcsCommand(): Command {
  const delay = (name: string, what: string) =>
    new Option(`--${name} <seconds>`, what).argParser(parseSeconds).default(1);
  return new Command("rcs")
    .description("Plays an RCS platform, and its handsets in a browser; docs/guides/rcs.md walks through it")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on", parsePort, 8095)
    .option("--webhook <url>", "the agent's webhook, where it posts", "http://127.0.0.1:8080/rcs/rbm")
    .option("--client-token <text>", "the carrier's clientToken", "simulated")
    .option("--key-file <file>", "where it puts its key, the carrier's credentialsFile", "rcs-key.json")
    .addOption(delay("receipt-delay", "before DELIVERED"))
    .addOption(delay("read-delay", "from then on, before READ"))
    .option("--json", "print one line of JSON for each message, answer and post")
    .action(async (options: RcsOptions) => (await import("./simulate/rcs.ts")).simulateRcs(options));
}

function esmeCommand(): Command {
  const choice = (flags: string, description: string, choices: readonly [string, ...string[]]) =>
    new Option(flags, description).choices(choices).default(choices[0]);
  return new Command("esme")
    .description("Plays a customer's software: binds to an SMSC, submits, and measures; docs/simulator.md has examples")
    .option("--host <address>", "where the SMSC listens", "127.0.0.1")
    .option("--port <number>", "its port", parsePort, 2775)
    .requiredOption("--system-id <name>", "the name to bind with")
    .option("--password <text>", "its password", "")
    .addOption(choice("--bind <kind>", "a receiver submits nothing", ["transceiver", "transmitter", "receiver"]))
    .addOption(numberOption("--binds <count>", "binds at one time", 1, 1_000))
    .addOption(numberOption("--window <count>", "submits of one bind that may be without an answer", 10, 10_000))
    .addOption(new Option("--rate <number>", "submits a second (default: as the window allows)").argParser(parseRate))
    .option("--count <number>", "messages to submit; 0: stay bound until Ctrl-C", parseCount, 1)
    .option("--from <sender>", "the sender of all", "MyShop")
    .option("--to <numbers>", "numbers in turn, with commas between, or @FILE", "447700900123")
    .option("--text <text>", "the text, {n} in it the message's number; or @FILE with one a line, in turn", "Hello {n}")
    .addOption(choice("--data-coding <value>", "auto: 0 where the alphabet has the text, else 8", DATA_CODINGS))
    .addOption(choice("--alphabet <name>", "what data_coding 0 is written in", ALPHABETS))
    .addOption(choice("--long <form>", "how a text of more than one part is submitted", LONG_FORMS))
    .addOption(numberOption("--registered-delivery <value>", "which receipts are asked for", 1, 31, 0))
    .addOption(
      new Option("--wait <seconds>", "without an answer or receipt, before it ends")
        .argParser(parseSeconds)
        .default(30),
    )
    .option("--print", "print each answer, receipt and inbound message")
    .option("--tls", "connect over TLS")
    .option("--servername <name>", "the name that the SMSC's certificate is for (default: the host)")
    .option("--ca <file>", "authorities in PEM that it is verified by (default: those of Node.js)")
    .option("--cert <file>", "a client's certificate in PEM")
    .option("--key <file>", "its key")
    .option("--json", "print lines of JSON")
    .action(async (options: EsmeOptions, command: Command) => {
      const { simulateEsme } = await import("./simulate/esme.ts");
      await simulateEsme(options).catch((error: unknown) => command.error(`mplus: ${asError(error).message}`));
    });
}

function numberOption(flags: string, description: string, byDefault: number, most: number, least = 1): Option {
  const parse = (text: string): number => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < least || number > most) {
      throw new InvalidArgumentError(`It is not a whole number from ${least} to ${most}.`);
    }
    return number;
  };
  return new Option(flags, description).argParser(parse).default(byDefault);
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (!(rate > 0)) throw new InvalidArgumentError("It is not a number above 0.");
  return rate;
}
