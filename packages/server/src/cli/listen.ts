import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Command } from "commander";
import { parsePort } from "./serve.ts";

/** Where `mplus listen` listens, and the start text's example calls back to. */
export const LISTEN_PORT = 8090;

interface ListenOptions {
  port: number;
  status: number;
  json?: boolean;
}

const MAX_BODY = 1_048_576;

export function listenCommand(): Command {
  return new Command("listen")
    .description("Receives webhooks on this machine and prints what arrives")
    .option("--port <number>", "port to listen on", parsePort, LISTEN_PORT)
    .option("--status <code>", "status to answer with, to see retries", Number, 200)
    .option("--json", "print one line of JSON per webhook")
    .action(listen);
}

async function listen({ port, status, json }: ListenOptions): Promise<void> {
  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => {
        process.stdout.write(json === true ? `${asJson(request, body)}\n` : asText(request, body, status));
        response.writeHead(status).end();
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  }).catch((error: Error) => {
    process.stderr.write(`mplus: cannot listen on port ${port}: ${error.message}\n`);
    process.exit(1);
  });
  const { port: listening } = server.address() as AddressInfo;
  if (json !== true) process.stdout.write(`Listening for webhooks at http://127.0.0.1:${listening}/  (Ctrl-C stops)\n`);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error("too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function asJson(request: IncomingMessage, body: string): string {
  const { method, url, headers } = request;
  return JSON.stringify({ at: new Date().toISOString(), method, url, headers, body });
}

function asText(request: IncomingMessage, body: string, status: number): string {
  const time = new Date().toTimeString().slice(0, 8);
  let shown = body;
  try {
    shown = JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    // Not JSON: shown as it came.
  }
  const id = request.headers["webhook-id"];
  return `\n${time}  ${request.method} ${request.url}  answered ${status}${id === undefined ? "" : `  webhook-id ${String(id)}`}\n${shown}\n`;
}
