import type { PoolClient } from "pg";
import type { NumberOwner } from "../store/accounts/number-owners.ts";
import { onlyOrganization } from "../store/accounts/organizations.ts";
import { type AgentConversation, type AnsweredMessage, findAnswered } from "../store/messages/latest-messages.ts";
import { lookBack } from "./look-back.ts";

/** The owner of a handset's message to an agent, with the message that it answers. */
export interface AgentOwner extends NumberOwner {
  answered?: AnsweredMessage;
}

/**
 * One for each, in their order. An agent is everybody's: a message to it is that account's which sent the handset its latest
 * message by the carrier. Without such a message it is the only organization's; null where there are several.
 */
export async function findAgentOwners(
  client: PoolClient,
  conversations: readonly AgentConversation[],
  now: number,
): Promise<(AgentOwner | null)[]> {
  const messages = await lookBack(conversations, now, (open, since) => findAnswered(client, open, since));
  const only = messages.size < conversations.length ? await onlyOrganization(client) : null;
  return conversations.map((conversation) => {
    const answered = messages.get(conversation);
    if (answered !== undefined) {
      const { organizationId, accountId } = answered;
      return { organizationId, accountId, shared: true, answered };
    }
    return only === null ? null : { organizationId: only, accountId: null, shared: true };
  });
}
