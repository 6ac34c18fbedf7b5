import { createHmac, randomUUID } from "node:crypto";
import { type AgentMessage, RcsPlatform as Platform, type Reply } from "../../src/cli/simulate/rcs/platform.ts";
import { until } from "../support/until.ts";

export type { AgentMessage };

export const CLIENT_TOKEN = "SJENCPGJESMGUFPY";

/** The RCS platform of `mplus simulate rcs`, which does what a test wants, and posts nothing by itself. */
export class RcsPlatform extends Platform {
  /** Tokens that it takes; null for whatever it gave. */
  accepts: string | null = null;
  override tokenStatus = 200;
  /** Handsets without RCS. */
  readonly without = new Set<string>();
  /** Handsets whose capabilities were asked for, in order. */
  readonly asked: string[] = [];
  readonly #scripts = new Map<string, Reply[]>();

  constructor() {
    super({ clientToken: CLIENT_TOKEN, webhook: null });
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

  protected override replyTo({ handset }: AgentMessage): Reply | null {
    const replies = this.#scripts.get(handset) ?? [];
    return (replies.length > 1 ? replies.shift() : replies[0]) ?? null;
  }

  protected override reaches(handset: string): boolean {
    return !this.without.has(handset);
  }

  protected override isAuthorized(authorization: string | undefined): boolean {
    if (this.accepts !== null) return authorization === `Bearer ${this.accepts}`;
    return super.isAuthorized(authorization);
  }

  protected override onCapabilities(handset: string): void {
    this.asked.push(handset);
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

/** Posts a handset's message, as a Pub/Sub push; answers the status. @param content as UserMessage has it */
export function answer(
  url: string,
  handset: string,
  content: object,
  messageId: string = randomUUID(),
): Promise<number> {
  const sendTime = new Date().toISOString();
  const message = { senderPhoneNumber: `+${handset}`, messageId, sendTime, agentId: "shop", ...content };
  return push(url, JSON.stringify(message));
}

/** Posts an event in the form of a Pub/Sub push; answers the status. */
async function push(url: string, data: string): Promise<number> {
  const body = JSON.stringify({ message: { data: Buffer.from(data).toString("base64"), messageId: "1" } });
  return (await post(url, body, { signed: data })).status;
}

export type EventType = "DELIVERED" | "READ" | "TTL_EXPIRATION_REVOKED" | "TTL_EXPIRATION_REVOKE_FAILED" | "IS_TYPING";

/** Posts an event about a message, as a Pub/Sub push; answers the status. */
export function event(
  url: string,
  eventType: EventType,
  { handset, messageId }: Pick<AgentMessage, "handset" | "messageId">,
): Promise<number> {
  return push(url, eventOf(eventType, handset, messageId));
}

export function eventOf(eventType: EventType, handset: string, messageId: string): string {
  const phone = eventType.startsWith("TTL") ? "phoneNumber" : "senderPhoneNumber";
  const sendTime = new Date().toISOString();
  return JSON.stringify({ [phone]: `+${handset}`, eventType, eventId: "e", messageId, sendTime, agentId: "shop" });
}
