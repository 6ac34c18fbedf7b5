import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { until } from "../support/until.ts";

/** A request to send, as the platform got it. */
export interface AgentMessage {
  /** Digits. */
  handset: string;
  messageId: string;
  agentId: string;
  authorization: string | undefined;
  body: { contentMessage: { text: string }; ttl: string };
}

export const CLIENT_TOKEN = "SJENCPGJESMGUFPY";
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

/** What the platform does with one request to send: a status; an answer that never comes; the connection cut. */
export type Reply = number | "silence" | "reset";

/** An RCS platform on a loopback port: gives tokens, takes messages, and posts the events that the test wants. */
export class RcsPlatform {
  readonly messages: AgentMessage[] = [];
  tokens = 0;
  /** Tokens that it takes; null for whatever it gave. */
  accepts: string | null = null;
  tokenStatus = 200;
  readonly #scripts = new Map<string, Reply[]>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #port = 0;

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** A service account's key file that leads here. */
  get credentials(): object {
    return {
      type: "service_account",
      client_email: "agent@example.iam.gserviceaccount.com",
      private_key_id: "k",
      private_key: privateKey,
      token_uri: `${this.url}/token`,
    };
  }

  carrier(credentialsFile: string, settings: Record<string, unknown> = {}): Record<string, unknown> {
    const { url: baseUrl } = this;
    return {
      id: "rbm",
      type: "rcs",
      baseUrl,
      agentId: "shop",
      credentialsFile,
      clientToken: CLIENT_TOKEN,
      ...settings,
    };
  }

  /** Replies to a handset's messages in turn; the last stands for all further ones. Without any: 200. */
  script(handset: string, ...replies: Reply[]): void {
    this.#scripts.set(handset, replies);
  }

  to(handset: string): AgentMessage[] {
    return this.messages.filter((message) => message.handset === handset);
  }

  waitFor(handset: string, count = 1): Promise<AgentMessage[]> {
    return until(
      `${count} messages by RCS to ${handset}`,
      () => this.to(handset).length >= count && this.to(handset),
      () => this.messages.slice(-20).map(({ handset }) => handset),
    );
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => null);
    if (body === null) return;
    const { pathname, searchParams } = new URL(request.url as string, this.url);
    if (pathname === "/token") {
      const token = { access_token: `token-${++this.tokens}`, expires_in: 3_600, token_type: "Bearer" };
      response.writeHead(this.tokenStatus).end(JSON.stringify(this.tokenStatus === 200 ? token : { error: "x" }));
      return;
    }
    const handset = /^\/v1\/phones\/\+(\d+)\/agentMessages$/.exec(pathname)?.[1];
    if (request.method !== "POST" || handset === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { authorization } = request.headers;
    const [messageId, agentId] = [searchParams.get("messageId") ?? "", searchParams.get("agentId") ?? ""];
    this.messages.push({ handset, messageId, agentId, authorization, body: JSON.parse(body) });
    const replies = this.#scripts.get(handset) ?? [];
    const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? 200;
    const unauthorized = this.accepts !== null && authorization !== `Bearer ${this.accepts}`;
    if (reply === "reset") response.socket?.resetAndDestroy();
    else if (reply !== "silence") response.writeHead(unauthorized ? 401 : reply).end("{}");
  }
}

/** Posts a body to a program's endpoint for events, signed as the platform does; answers status and text. */
export async function post(
  url: string,
  body: string,
  { signed = body, token = CLIENT_TOKEN, carrier = "rbm" }: { signed?: string; token?: string; carrier?: string } = {},
): Promise<{ status: number; text: string }> {
  const signature = createHmac("sha512", token).update(signed).digest("base64");
  const headers = { "content-type": "application/json", "x-goog-signature": signature };
  const answer = await fetch(new URL(`/rcs/${carrier}`, url), { method: "POST", headers, body });
  return { status: answer.status, text: await answer.text() };
}

/** Posts what a handset sent, as a Pub/Sub push; answers the status. @param content as UserMessage has it */
export async function answer(
  url: string,
  handset: string,
  content: object,
  messageId: string = randomUUID(),
): Promise<number> {
  const sendTime = new Date().toISOString();
  const data = JSON.stringify({ senderPhoneNumber: `+${handset}`, messageId, sendTime, agentId: "shop", ...content });
  const body = JSON.stringify({ message: { data: Buffer.from(data).toString("base64"), messageId: "1" } });
  return (await post(url, body, { signed: data })).status;
}

export type EventType = "DELIVERED" | "READ" | "TTL_EXPIRATION_REVOKED" | "TTL_EXPIRATION_REVOKE_FAILED" | "IS_TYPING";

/** Posts an event about a message in the form of a Pub/Sub push; answers the status. */
export async function event(
  url: string,
  eventType: EventType,
  { handset, messageId }: Pick<AgentMessage, "handset" | "messageId">,
): Promise<number> {
  const data = eventOf(eventType, handset, messageId);
  const body = JSON.stringify({ message: { data: Buffer.from(data).toString("base64"), messageId: "1" } });
  return (await post(url, body, { signed: data })).status;
}

export function eventOf(eventType: EventType, handset: string, messageId: string): string {
  const phone = eventType.startsWith("TTL") ? "phoneNumber" : "senderPhoneNumber";
  const sendTime = new Date().toISOString();
  return JSON.stringify({ [phone]: `+${handset}`, eventType, eventId: "e", messageId, sendTime, agentId: "shop" });
}
