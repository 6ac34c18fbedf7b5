import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "commander";
import { asError } from "../runtime/errors.ts";
import { shownText } from "../runtime/shown.ts";
import { bodyOf } from "./body.ts";
import { parsePort } from "./client.ts";
import { endWrongUse } from "./ending.ts";
import { forward, parseLocalUrl } from "./listen/forward.ts";
import { inTurn, parseSeconds, parseSequence, parseStatus, type Reply } from "./listen/replies.ts";
import { readSeen, type Seen } from "./listen/seen.ts";
import { asJson, asText, signatureOf } from "./listen/shown.ts";
import { printLines, printText, tell } from "./output.ts";

/** The port of `mplus listen`, and of the callback in the start text's example. */
export const LISTEN_PORT = 8090;

interface ListenOptions {
  port: number;
  status: number;
  sequence?: Reply[];
  drop?: boolean;
  delay: number;
  body?: string;
  secret: string[];
  forward?: URL;
  keep?: string;
  replay?: string;
  json?: boolean;
}

const MAX_BODY = 1_048_576;

export function listenCommand(): Command {
  const answering = ["status", "sequence", "drop", "body", "delay"];
  return new Command("listen")
    .description("Receives webhooks on this machine, prints what arrives, and answers as a receiver might")
    .option("--port <number>", "port to listen on", parsePort, LISTEN_PORT)
    .addOption(new Option("--status <code>", "status to answer with").argParser(parseStatus).default(200))
    .addOption(
      new Option("--sequence <list>", "answers in turn, the last for ever: 500,drop,200")
        .argParser(parseSequence)
        .conflicts(["status", "drop"]),
    )
    .addOption(new Option("--drop", "cut the connection instead of answering").conflicts("status"))
    .addOption(new Option("--delay <seconds>", "wait before answering").argParser(parseSeconds).default(0))
    .option("--body <text>", "body to answer with, or @FILE")
    .addOption(
      new Option("--secret <whsec_…>", "verify signatures with this secret; may be given more than once")
        .argParser(collect)
        .default([], "none"),
    )
    .addOption(
      new Option("--forward <url>", "pass each on to a URL on this machine, and its answer back")
        .argParser(parseLocalUrl)
        .conflicts(answering),
    )
    .option("--keep <file>", "append what arrives to a file, a line of JSON each")
    .addOption(
      new Option("--replay <file>", "pass on what was kept, signed anew with --secret, and end").conflicts("keep"),
    )
    .option("--json", "print one line of JSON per webhook")
    .action(async (options: ListenOptions, command: Command) => {
      if (options.replay === undefined) return listen(options, command);
      if (options.forward === undefined) endWrongUse(command, "--replay needs --forward, a URL to pass on to");
      await replay(options.replay, options.forward, options, command);
    });
}

async function listen(options: ListenOptions, command: Command): Promise<void> {
  const { port, json, secret: secrets } = options;
  const replies = inTurn(options.sequence ?? [options.drop === true ? "drop" : options.status]);
  const body = await answerBody(options.body).catch((error: unknown) =>
    command.error(`mplus: ${asError(error).message}`),
  );
  // In the file before it is answered: Ctrl-C ends the process at once, and what waits to be written with it.
  const keep = (line: string): void => {
    try {
      if (options.keep !== undefined) appendFileSync(options.keep, line);
    } catch (error) {
      command.error(`mplus: ${asError(error).message}`);
    }
  };
  keep("");
  const times = new Map<string, number>();
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const seen = await read(request);
    const id = String(seen.headers["webhook-id"]);
    times.set(id, (times.get(id) ?? 0) + 1);
    keep(`${shownText(JSON.stringify(seen))}\n`);
    const reply = await answer(seen, response, options, replies, body);
    const shown = { seen, times: times.get(id)!, signature: await signatureOf(seen, secrets), ...reply };
    if (json === true) printLines([asJson(shown)]);
    else printText(asText(shown));
  };
  const server = createServer((request, response) => {
    receive(request, response).catch(() => response.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening").catch((error: Error) =>
    command.error(`mplus: cannot listen on port ${port}: ${error.message}`),
  );
  const { port: listening } = server.address() as AddressInfo;
  const said = `Listening for webhooks at http://127.0.0.1:${listening}/  (Ctrl-C stops)`;
  if (json === true) tell(said);
  else printLines([said]);
}

/** Answers as the options say; a local program's answer where there is one. */
async function answer(
  seen: Seen,
  response: ServerResponse,
  { delay, forward: target }: ListenOptions,
  replies: () => Reply,
  body: Buffer,
): Promise<{ reply: Reply; fault: string | null }> {
  if (target !== undefined) {
    const forwarded = await forward(seen, target);
    if ("fault" in forwarded) {
      response.writeHead(502).end();
      return { reply: 502, fault: `${target.href}: ${forwarded.fault}` };
    }
    response.writeHead(forwarded.status, forwarded.type === null ? {} : { "content-type": forwarded.type });
    response.end(forwarded.body);
    return { reply: forwarded.status, fault: null };
  }
  const reply = replies();
  if (delay > 0) await sleep(delay * 1_000);
  if (reply === "drop") response.socket?.resetAndDestroy();
  else response.writeHead(reply).end(body);
  return { reply, fault: null };
}

async function replay(file: string, target: URL, { secret, json }: ListenOptions, command: Command): Promise<void> {
  try {
    for await (const seen of readSeen(file)) {
      const forwarded = await forward(seen, target, secret);
      const id = seen.headers["webhook-id"];
      const said = "fault" in forwarded ? forwarded.fault : `answered ${forwarded.status}`;
      const result = "fault" in forwarded ? forwarded : { status: forwarded.status };
      printLines([json === true ? JSON.stringify({ id, ...result }) : `${seen.at}  ${String(id)}  ${said}`]);
    }
  } catch (error) {
    command.error(`mplus: ${asError(error).message}`);
  }
}

async function read(request: IncomingMessage): Promise<Seen> {
  const body = await bodyOf(request, MAX_BODY);
  const { method = "", url = "", headers } = request;
  return { at: new Date().toISOString(), method, url, headers, body };
}

async function answerBody(text = ""): Promise<Buffer> {
  return text.startsWith("@") ? readFile(text.slice(1)) : Buffer.from(text);
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
