import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { simulatedOutcome } from "../../carriers/simulator/outcomes.ts";
import { isDelivered } from "../../message/receipt-codes.ts";
import { bodyOf } from "../body.ts";
import { sayer } from "./say.ts";

export interface HttpProviderOptions {
  host: string;
  port: number;
  token?: string;
  receiptDelay: number;
  json?: boolean;
}

const MOST_OCTETS = 64 * 1024;

/**
 * Plays a provider with an HTTP API until it is told to stop: takes `POST /messages` with `{to, from, text, id,
 * receiptUrl}`, answers 202 with `{id}`, and posts `{id, state, error}` to the receiptUrl. Its numbers behave as those of
 * the simulated SMSC, as far as HTTP allows.
 */
export async function simulateHttp({ host, port, token, receiptDelay, json }: HttpProviderOptions): Promise<void> {
  const say = sayer(json);
  const throttled = new Map<string, number>();
  const waiting = new Set<NodeJS.Timeout>();
  let messages = 0;

  const report = async (url: string, receipt: { id: string; state: string; error: string | null }): Promise<void> => {
    const body = JSON.stringify(receipt);
    const headers = { "content-type": "application/json" };
    const status = await fetch(url, { method: "POST", headers, body, redirect: "manual" })
      .then(async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      })
      .catch(() => null);
    say({ event: "receipt", ...receipt, status }, `receipt ${receipt.id} ${receipt.state}: ${status ?? "no answer"}`);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request, MOST_OCTETS);
    const reply = (status: number, content: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
    };
    const message = messageOf(body);
    if (request.method !== "POST" || request.url !== "/messages") return reply(404, { error: "not_found" });
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return reply(401, { error: "unauthorized" });
    if (message === null) return reply(400, { error: "invalid" });
    const { to, receiptUrl } = message;
    const outcome = simulatedOutcome(to.replace("+", ""));
    const taken = `sim-${++messages}`;
    const turn = (throttled.get(to) ?? 0) + 1;
    const isThrottled = outcome.kind === "throttled" && turn <= outcome.times;
    const status = outcome.kind === "refused" ? 400 : isThrottled ? 429 : 202;
    if (isThrottled) throttled.set(to, turn);
    say({ event: "submit", ...message, status }, `${message.from} → ${to}  ${status}  ${JSON.stringify(message.text)}`);
    if (status !== 202) return reply(status, { error: status === 429 ? "too_many" : "invalid_number" });
    const code = outcome.kind === "receipt" ? outcome.code : "00";
    const receipt = isDelivered(code)
      ? { id: taken, state: "delivered", error: null }
      : { id: taken, state: "failed", error: `x${code}` };
    if (outcome.kind === "receipt_first" && receiptUrl !== null) await report(receiptUrl, receipt);
    reply(202, { id: taken });
    if (receiptUrl === null || outcome.kind === "no_receipt" || outcome.kind === "receipt_first") return;
    const { afterSeconds = receiptDelay, copies = 1 } = outcome.kind === "receipt" ? outcome : {};
    const timer = setTimeout(() => {
      waiting.delete(timer);
      for (let copy = 0; copy < copies; copy++) void report(receiptUrl, receipt);
    }, afterSeconds * 1_000);
    waiting.add(timer);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const bound = server.address();
  const listening = typeof bound === "object" && bound !== null ? bound.port : port;
  say({ event: "listening", host, port: listening }, `the simulated provider listens at http://${host}:${listening}`);
  const stop = (): void => {
    for (const timer of waiting) clearTimeout(timer);
    server.close();
    server.closeAllConnections();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

function messageOf(body: string): { to: string; from: string; text: string; receiptUrl: string | null } | null {
  let read: Record<string, unknown>;
  try {
    read = Object(JSON.parse(body));
  } catch {
    return null;
  }
  const { to, from, text: content, receiptUrl } = read;
  if (typeof to !== "string" || !/^\+?\d{7,15}$/.test(to)) return null;
  if (typeof from !== "string" || typeof content !== "string") return null;
  const isUrl = typeof receiptUrl === "string" && /^https?:\/\//.test(receiptUrl) && URL.canParse(receiptUrl);
  return { to, from, text: content, receiptUrl: isUrl ? receiptUrl : null };
}
