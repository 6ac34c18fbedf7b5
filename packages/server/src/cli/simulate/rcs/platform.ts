import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, verify } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isUuid } from "../../../message/id.ts";
import { bodyOf } from "../../body.ts";
import { type AgentMessageBody, readAgentMessage } from "./content.ts";

/** A message as the platform got it. */
export interface AgentMessage {
  /** Digits. */
  handset: string;
  messageId: string;
  agentId: string;
  authorization: string | undefined;
  body: AgentMessageBody;
}

/** An answer in place of the usual one: another status, none at all, or the connection cut. */
export type Reply = number | "silence" | "reset";

export interface RcsPlatformOptions {
  /** Of the agent's webhook: signs what is posted there. */
  clientToken: string;
  /** Where it posts events and what handsets answer; null for nowhere. */
  webhook: string | null;
  /** PEM of its service account's key; made anew if it is missing. */
  privateKey?: string;
}

const NAME = /^\/v1\/phones\/\+(\d+)\/(capabilities|agentMessages)$/;
/** RFC 7523 §2.1. */
const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_SECONDS = 3_599;
const MOST_OCTETS = 1024 * 1024;
/** Messages that it remembers. */
const MOST_KEPT = 10_000;
/** Waits before further posts to the webhook, in ms. */
const AGAIN_MS = [1_000, 2_000, 4_000, 8_000];
const POST_MS = 10_000;

/** google.rpc.Code by HTTP status (https://cloud.google.com/apis/design/errors, read on 2026-11-29). */
const CODES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

/** An answer that is an error. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const NO_METHOD = new Refusal(404, "There is no such method.");
const UNAUTHORIZED = new Refusal(401, "The token is not valid.");

/**
 * An RCS platform on a port of this machine, as Google documents its own: gives access tokens, tells capabilities, takes
 * messages, and posts to the agent's webhook. Its subclasses say what becomes of a message.
 */
export class RcsPlatform {
  readonly messages: AgentMessage[] = [];
  /** Tokens that it gave. */
  tokens = 0;
  webhook: string | null;
  readonly #clientToken: string;
  readonly #privateKey: string;
  readonly #publicKey: KeyObject;
  readonly #seen = new Set<string>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => {
      if (error instanceof Refusal) refuse(response, error);
      else response.destroy();
    });
  });
  readonly #waiting = new Set<NodeJS.Timeout>();
  #setUp: Promise<boolean> | null = null;

  constructor({ clientToken, webhook, privateKey }: RcsPlatformOptions) {
    this.#clientToken = clientToken;
    this.webhook = webhook;
    this.#privateKey = privateKey ?? newKey();
    this.#publicKey = createPublicKey(this.#privateKey);
  }

  /** Resolves with the port. */
  async listen(port = 0, host = "127.0.0.1"): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    const { address, port } = (this.#server.address() as AddressInfo | null) ?? { address: "127.0.0.1", port: 0 };
    return `http://${address === "::" || address === "0.0.0.0" ? "127.0.0.1" : address}:${port}`;
  }

  /** A service account's key file that leads here. */
  get credentials(): object {
    return {
      type: "service_account",
      client_email: "agent@example.iam.gserviceaccount.com",
      private_key_id: "k",
      private_key: this.#privateKey,
      token_uri: `${this.url}/token`,
    };
  }

  async close(): Promise<void> {
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The answer to a message that is not taken; null takes it. */
  protected replyTo(_message: AgentMessage): Reply | null {
    return null;
  }

  /** Whether the agent reaches the handset. */
  protected reaches(_handset: string): boolean {
    return true;
  }

  /** The status of its answers for tokens. */
  protected tokenStatus = 200;

  /** Called when a handset's capabilities are asked for. */
  protected onCapabilities(_handset: string): void {}

  protected isAuthorized(authorization: string | undefined): boolean {
    const [, given] = /^Bearer token-(\d+)$/.exec(authorization ?? "") ?? [];
    return given !== undefined && Number(given) <= this.tokens;
  }

  /** Called before a message that is taken is answered; the answer waits for it. */
  protected async onTaken(_message: AgentMessage): Promise<void> {}

  /** Takes requests that are none of the platform's; resolves with whether it was one. */
  protected async onOther(_request: IncomingMessage, _response: ServerResponse, _body: string): Promise<boolean> {
    return false;
  }

  /** Called with each post to the webhook and the answer's status; null for no answer. */
  protected onPosted(_event: object, _status: number | null): void {}

  protected later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      work();
    }, ms);
    this.#waiting.add(timer);
  }

  /** An event on a message: UserEvent of the handset (DELIVERED, READ), ServerEvent of the platform (TTL_…). */
  postEvent(eventType: string, { handset, messageId, agentId }: AgentMessage): Promise<number | null> {
    const phone = eventType.startsWith("TTL") ? "phoneNumber" : "senderPhoneNumber";
    return this.#post({ [phone]: `+${handset}`, eventType, eventId: randomUUID(), messageId, agentId });
  }

  /** A message of a handset: UserMessage. @param content `{text}`, `{suggestionResponse}`, `{userFile}` or `{location}` */
  postAnswer(handset: string, agentId: string, content: object): Promise<number | null> {
    return this.#post({ senderPhoneNumber: `+${handset}`, messageId: randomUUID(), agentId, ...content });
  }

  /**
   * Posts as a Pub/Sub push, signed; again, at growing intervals, where the answer is not 200. Google does so for 7 days, up
   * to 600 s apart. (https://developers.google.com/business-communications/rcs-business-messaging/guides/integrate/webhooks,
   * read on 2026-11-29)
   */
  async #post(event: object, tries = 0): Promise<number | null> {
    if (this.webhook === null) return null;
    const timed = "sendTime" in event ? event : { ...event, sendTime: new Date().toISOString() };
    const data = Buffer.from(JSON.stringify(timed));
    const signature = createHmac("sha512", this.#clientToken).update(data).digest("base64");
    const push = { message: { data: data.toString("base64"), messageId: randomUUID() }, subscription: "rbm" };
    this.#setUp ??= this.#setUpWebhook(this.webhook);
    const isSetUp = await this.#setUp;
    if (!isSetUp) this.#setUp = null;
    const answer = isSetUp ? await this.#send(this.webhook, push, { "x-goog-signature": signature }) : null;
    const status = answer?.status ?? null;
    this.onPosted(timed, status);
    const waitMs = AGAIN_MS[tries];
    if (status !== 200 && waitMs !== undefined) this.later(waitMs, () => void this.#post(timed, tries + 1));
    return status;
  }

  /** The set-up of a webhook: it must answer the secret, and nothing is posted before it does (the same page). */
  async #setUpWebhook(webhook: string): Promise<boolean> {
    const secret = randomUUID();
    const answer = await this.#send(webhook, { clientToken: this.#clientToken, secret });
    return answer?.status === 200 && answer.text.trim() === secret;
  }

  async #send(
    url: string,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string } | null> {
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
        redirect: "manual",
        signal: AbortSignal.timeout(POST_MS),
      });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return null;
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request, MOST_OCTETS);
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    if (pathname === "/token") {
      this.#giveToken(response, new URLSearchParams(body));
      return;
    }
    const [, handset, resource] = NAME.exec(pathname) ?? [];
    if (handset === undefined) {
      if (!(await this.onOther(request, response, body))) throw NO_METHOD;
      return;
    }
    const { authorization } = request.headers;
    const agentId = searchParams.get("agentId") ?? "";
    const isAuthorized = this.isAuthorized(authorization);
    if (resource === "capabilities") {
      if (request.method !== "GET") throw NO_METHOD;
      if (!isAuthorized) throw UNAUTHORIZED;
      this.onCapabilities(handset);
      this.#tellCapabilities(response, handset, agentId, searchParams.get("requestId") ?? "");
      return;
    }
    if (request.method !== "POST") throw NO_METHOD;
    const read = readAgentMessage(body);
    if ("fault" in read) throw isAuthorized ? new Refusal(400, read.fault) : UNAUTHORIZED;
    const messageId = searchParams.get("messageId") ?? "";
    const message = { handset, messageId, agentId, authorization, body: read };
    this.messages.push(message);
    if (this.messages.length > MOST_KEPT) this.messages.shift();
    const reply = this.replyTo(message);
    if (reply === "reset") response.socket?.resetAndDestroy();
    if (reply === "reset" || reply === "silence") return;
    if (!isAuthorized) throw UNAUTHORIZED;
    if (reply !== null && reply !== 200) throw new Refusal(reply, "As was asked for.");
    await this.#take(response, message);
  }

  /**
   * phones.agentMessages.create: 404 for a handset that the agent does not reach, 400 without a UUID or an agent; an id that
   * was used before is ignored. Answers the AgentMessage.
   * (https://developers.google.com/business-communications/rcs-business-messaging/reference/rest/v1/phones.agentMessages/create,
   * read on 2026-11-29)
   */
  async #take(response: ServerResponse, message: AgentMessage): Promise<void> {
    const { handset, messageId, agentId, body } = message;
    if (!isUuid(messageId)) throw new Refusal(400, "The messageId must be a UUID.");
    if (agentId === "") throw new Refusal(400, "The agentId is missing.");
    if (!this.reaches(handset)) throw new Refusal(404, "The phone number cannot be reached by the agent.");
    if (!this.#seen.has(messageId)) {
      this.#seen.add(messageId);
      if (this.#seen.size > MOST_KEPT) this.#seen.delete(this.#seen.keys().next().value as string);
      await this.onTaken(message);
    }
    const { contentMessage } = body;
    const name = `phones/+${handset}/agentMessages/${messageId}`;
    answerJson(response, 200, { name, sendTime: new Date().toISOString(), contentMessage });
  }

  /**
   * phones.getCapabilities: the features of a handset that the agent reaches, else 404. The requestId must be a UUID.
   * (https://developers.google.com/business-communications/rcs-business-messaging/reference/rest/v1/phones/getCapabilities,
   * read on 2026-11-29)
   */
  #tellCapabilities(response: ServerResponse, handset: string, agentId: string, requestId: string): void {
    if (!isUuid(requestId)) throw new Refusal(400, "The requestId must be a UUID.");
    if (agentId === "") throw new Refusal(400, "The agentId is missing.");
    if (!this.reaches(handset)) throw new Refusal(404, "The phone number cannot be reached by the agent.");
    const features = ["RICHCARD_STANDALONE", "RICHCARD_CAROUSEL", "ACTION_OPEN_URL", "ACTION_DIAL"];
    answerJson(response, 200, { features: [...features, "ACTION_CREATE_CALENDAR_EVENT", "ACTION_SHARE_LOCATION"] });
  }

  /**
   * A token for a signed assertion (RFC 7523 §2.1, RFC 6749 §5; https://developers.google.com/identity/protocols/oauth2/service-account,
   * read on 2026-11-29).
   */
  #giveToken(response: ServerResponse, form: URLSearchParams): void {
    const [head = "", claims = "", signature = ""] = form.get("assertion")?.split(".") ?? [];
    const octets = Buffer.from(signature, "base64url");
    const isSigned = verify("sha256", Buffer.from(`${head}.${claims}`), this.#publicKey, octets);
    const isGrant = form.get("grant_type") === GRANT_TYPE && isSigned && this.#isCurrent(claims);
    if (this.tokenStatus !== 200) answerJson(response, this.tokenStatus, { error: "temporarily_unavailable" });
    else if (!isGrant) answerJson(response, 400, { error: "invalid_grant", error_description: "Invalid JWT." });
    else {
      const access_token = `token-${++this.tokens}`;
      answerJson(response, 200, { access_token, expires_in: TOKEN_SECONDS, token_type: "Bearer" });
    }
  }

  /** Whether an assertion is for this place and this hour. */
  #isCurrent(claims: string): boolean {
    const { aud, iat, exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, unknown>;
    const now = Date.now() / 1_000;
    const isTimed = typeof iat === "number" && typeof exp === "number" && exp > now && exp - iat <= 3_600;
    return isTimed && aud === `${this.url}/token`;
  }
}

function newKey(): string {
  return generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey;
}

function answerJson(response: ServerResponse, status: number, content: object): void {
  response.writeHead(status, { "content-type": "application/json; charset=UTF-8" }).end(JSON.stringify(content));
}

/** An error as google.rpc.Status in JSON. */
function refuse(response: ServerResponse, { status: code, message }: Refusal): void {
  answerJson(response, code, { error: { code, message, status: CODES[code] ?? "UNKNOWN" } });
}
