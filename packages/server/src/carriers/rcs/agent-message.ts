import { agentContent } from "../../message/agent-content.ts";
import type { RichContent } from "../../message/rich-content.ts";
import type { WaitingMessage } from "../../store/messages/waiting-message.ts";

/** A request that submits a message. */
export interface AgentMessageRequest {
  url: string;
  body: string;
}

/** The shortest TTL that makes sense: one of nothing would be none. */
const SHORTEST_TTL_MS = 1_000;

/**
 * `POST /v1/phones/{E.164}/agentMessages` (phones.agentMessages.create). The message's own id is the messageId: the
 * platform ignores one that it has seen, so a message that is sent twice arrives once. `ttl` is a Duration of protobuf's
 * JSON: seconds, with `s`; the platform revokes a message that is not delivered by then.
 * (https://developers.google.com/business-communications/rcs-business-messaging/reference/rest/v1/phones.agentMessages/create)
 * @param rich what is shown in place of the text; null for the text itself
 */
export function agentMessageRequest(
  { id, destination, body, expiresAt, deliverBy }: WaitingMessage,
  rich: RichContent | null,
  { baseUrl, agentId }: { baseUrl: string; agentId: string },
  now: number,
): AgentMessageRequest {
  const ttlMs = Math.max(SHORTEST_TTL_MS, Math.ceil((deliverBy ?? expiresAt) - now));
  const query = new URLSearchParams({ messageId: id, agentId });
  return {
    url: `${baseUrl.replace(/\/+$/, "")}/v1/phones/+${destination}/agentMessages?${query}`,
    body: JSON.stringify({ contentMessage: agentContent(rich ?? {}, body), ttl: `${ttlMs / 1_000}s` }),
  };
}

/** The meaning of an answer for its message. */
export type AgentMessageVerdict =
  | { kind: "accepted" }
  | { kind: "refused"; code: string }
  /** The platform refuses the token: the same again with a new one. */
  | { kind: "unauthorized" }
  /** The same again later; the message fails with `code` if its time ends first. */
  | { kind: "later"; code: string };

/** The receipt code of a handset without RCS, or whose network does not take the agent's messages. */
export const NO_RCS = "41";

/**
 * By the status alone. The guide "Send messages" has 404 for a handset without RCS or a network without the agent, and 400
 * for content that the handset cannot show; google.rpc.Code has the others: 409 ALREADY_EXISTS is a message that the
 * platform has, 403 PERMISSION_DENIED, 429 RESOURCE_EXHAUSTED. Any other status refuses the message.
 * (https://developers.google.com/business-communications/rcs-business-messaging/guides/build/messages/send)
 */
export function agentMessageVerdict(status: number): AgentMessageVerdict {
  if (status >= 200 && status < 300) return { kind: "accepted" };
  if (status >= 500 || status === 408) return { kind: "later", code: "32" };
  switch (status) {
    case 409:
      return { kind: "accepted" };
    case 401:
      return { kind: "unauthorized" };
    case 429:
      return { kind: "later", code: "20" };
    case 400:
      return { kind: "refused", code: "52" };
    case 403:
      return { kind: "refused", code: "56" };
    case 404:
      return { kind: "refused", code: NO_RCS };
    default:
      return { kind: "refused", code: "32" };
  }
}
