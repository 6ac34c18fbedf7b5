import { messageId, newBatchId } from "../message/id.ts";
import type { Acceptance } from "./accept.ts";
import type { ReadBody } from "./body.ts";
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

const REQUIRED = ["from", "to", "body"] as const;

/**
 * Validates `POST /message` and turns each message into a batch of its own. A field that a message leaves out is taken
 * whole from `defaults`, and its fault is there.
 * @throws Rejected with every fault
 */
export function readMessages(
  { body: request, faults }: ReadBody<PostMessage>,
  caller: Pick<Acceptance, "accountId" | "priced">,
  options: RulesOptions,
  now: number,
): { acceptance: Acceptance; answers: MessageAnswer[]; senders: ReadonlyMap<string, string> } {
  const { accountId } = caller;
  const rules = new Rules(options, accountId, now, faults);
  const acceptance: Acceptance = { ...caller, batch: null, messages: [], pending: [], givenIds: [], idempotency: null };
  const answers: MessageAnswer[] = [];
  const ids = new Map<string, number>();
  const { messages = [], defaults } = request;
  for (let index = 0; index < messages.length && !rules.full; index++) {
    const own: MessageBody = messages[index] ?? {};
    const message = defaults === undefined ? own : { ...defaults, ...own };
    const at = (name: keyof MessageBody): string => {
      const inherited = own[name] === undefined && defaults?.[name] !== undefined;
      return inherited ? `defaults.${name}` : `messages[${index}].${name}`;
    };
    const { from, to, body, callback, send_at } = message;
    for (const name of REQUIRED) {
      if (message[name] !== undefined || rules.isFaulty(`defaults.${name}`)) continue;
      rules.fault(at(name), "is required, here or in defaults");
    }
    if (from?.type === "shared") rules.fault(`${at("from")}.type`, "shared senders are not available on this server");
    rules.channels(at("channels"), message.channels);
    const sendAt = rules.sendAt(at("send_at"), send_at);
    const givenId = rules.identifier(at("id"), message.id);
    if (givenId !== null) {
      const first = ids.get(givenId);
      if (first !== undefined) rules.fault(at("id"), `is the id of messages[${first}] too`);
      ids.set(givenId, index);
    }
    const endpoint = rules.callback(at("callback"), callback);
    const destination = rules.destination(at("to"), to);
    const sender = rules.sender(`${at("from")}.value`, from?.type === "custom" ? from.value : undefined);
    const parts = rules.text(at("body"), body);
    if (from?.type !== "custom" || to === undefined || body === undefined) continue;
    const batchId = newBatchId(sendAt ?? now);
    const id = messageId(batchId, 1);
    const times = rules.times(message.validity, sendAt ?? now);
    const content = { sender, body, callback: callback ?? null, endpoint };
    if (sendAt === null) {
      acceptance.messages.push({
        id,
        accountId,
        destination,
        parts,
        ...content,
        ...times,
        leasedBy: 0,
        batchId: null,
        givenId,
      });
    } else {
      const batch = { id: batchId, accountId, total: 1, parts, ...content, givenId: null };
      const held = { id: batchId, accountId, at: sendAt, ...times, total: 1, cost: parts, givenId, batch };
      acceptance.pending.push({ ...held, destinations: [destination] });
    }
    if (givenId !== null) acceptance.givenIds.push({ accountId, kind: "m", given: givenId, id });
    answers.push({
      to,
      body,
      from,
      ...(callback === undefined ? {} : { callback }),
      ...(send_at === undefined ? {} : { send_at }),
      batchUuid: batchId,
      messageUuid: givenId ?? id,
      scheduled: sendAt !== null,
    });
  }
  rules.settle();
  return { acceptance, answers, senders: rules.senders };
}
