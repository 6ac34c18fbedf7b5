import { messageId, newBatchId } from "../message/id.ts";
import type { Acceptance } from "./accept.ts";
import { Rules, type RulesOptions } from "./rules.ts";
import type { MessageBody, PostMessage } from "./schemas.ts";

/** What `POST /message` answers for one message. */
export interface MessageAnswer {
  to: string;
  body: string;
  from: { type: string; value: string };
  callback?: string;
  send_at?: string;
  batchUuid: string;
  messageUuid: string;
  scheduled: boolean;
}

/**
 * Validates `POST /message` and turns each message into a batch of its own. A field that a message leaves out is taken
 * whole from `defaults`.
 * @throws Rejected with every fault
 */
export function readMessages(
  request: PostMessage,
  accountId: number,
  options: RulesOptions,
  now: number,
): { acceptance: Acceptance; answers: MessageAnswer[] } {
  const rules = new Rules(options, accountId, now);
  const acceptance: Acceptance = { accountId, batch: null, messages: [], givenIds: [] };
  const answers: MessageAnswer[] = [];
  const ids = new Map<string, number>();
  for (let index = 0; index < request.messages.length && !rules.full; index++) {
    const path = `messages[${index}]`;
    const message: MessageBody =
      request.defaults === undefined
        ? (request.messages[index] as MessageBody)
        : { ...request.defaults, ...request.messages[index] };
    const { from, to, body, callback, send_at } = message;
    if (from === undefined) rules.fault(`${path}.from`, "is required, here or in defaults");
    else if (from.type === "shared")
      rules.fault(`${path}.from.type`, "shared senders are not available on this server");
    if (to === undefined) rules.fault(`${path}.to`, "is required");
    if (body === undefined) rules.fault(`${path}.body`, "is required");
    rules.channels(`${path}.channels`, message.channels);
    rules.sendAt(`${path}.send_at`, send_at);
    const givenId = rules.identifier(`${path}.id`, message.id);
    const endpoint = rules.callback(`${path}.callback`, callback);
    if (from?.type !== "custom" || to === undefined || body === undefined) continue;
    if (givenId !== null) {
      const first = ids.get(givenId);
      if (first !== undefined) rules.fault(`${path}.id`, `is the id of messages[${first}] too`);
      ids.set(givenId, index);
    }
    const batchId = newBatchId(now);
    const id = messageId(batchId, 1);
    acceptance.messages.push({
      id,
      accountId,
      destination: rules.destination(`${path}.to`, to),
      sender: rules.sender(`${path}.from.value`, from.value),
      parts: rules.text(`${path}.body`, body),
      body,
      ...rules.times(message.validity),
      leasedBy: 0,
      batchId: null,
      givenId,
      callback: callback ?? null,
      endpoint,
    });
    if (givenId !== null) acceptance.givenIds.push({ accountId, kind: "m", given: givenId, id });
    answers.push({
      to,
      body,
      from,
      ...(callback === undefined ? {} : { callback }),
      ...(send_at === undefined ? {} : { send_at }),
      batchUuid: batchId,
      messageUuid: givenId ?? id,
      scheduled: false,
    });
  }
  rules.settle();
  return { acceptance, answers };
}
