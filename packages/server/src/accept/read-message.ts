import { messageId, newBatchId } from "../message/id.ts";
import type { Acceptance } from "./accept.ts";
import type { ReadBody } from "./body.ts";
import { Rules, type RulesOptions } from "./rules.ts";
import type { MessageBody, PostMessage } from "./schemas.ts";
import type { SharedMessage } from "./shared-pool.ts";

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

/** What stands in an answer until the pool has given a number. */
const UNASSIGNED = { type: "shared", value: "" } as const;
const REQUIRED = ["from", "to", "body"] as const;

/** `POST /message` as it is to be stored and answered, once those of `shared` have a number. */
export interface ReadMessages {
  acceptance: Acceptance;
  answers: MessageAnswer[];
  /** The senders that are named, each with the field that names it. */
  senders: ReadonlyMap<string, string>;
  shared: readonly SharedMessage[];
}

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
): ReadMessages {
  const { accountId } = caller;
  const rules = new Rules(options, accountId, now, faults);
  const acceptance: Acceptance = { ...caller, batch: null, messages: [], pending: [], givenIds: [], idempotency: null };
  const answers: MessageAnswer[] = [];
  const shared: SharedMessage[] = [];
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
    if (from === undefined || to === undefined || body === undefined) continue;
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
    if (givenId !== null) acceptance.givenIds.push({ accountId, kind: "m", given: givenId, id, path: at("id") });
    answers.push({
      to,
      body,
      from: from.type === "custom" ? from : UNASSIGNED,
      ...(callback === undefined ? {} : { callback }),
      ...(send_at === undefined ? {} : { send_at }),
      batchUuid: batchId,
      messageUuid: givenId ?? id,
      scheduled: sendAt !== null,
    });
    if (from.type === "custom") continue;
    const answer = answers.at(-1) as MessageAnswer;
    const sent = sendAt === null ? acceptance.messages.at(-1) : acceptance.pending.at(-1)?.batch;
    shared.push({
      path: at("from"),
      handset: destination,
      assign(number) {
        (sent as { sender: string | null }).sender = number;
        answer.from = { type: "shared", value: number };
      },
    });
  }
  rules.settle();
  return { acceptance, answers, senders: rules.senders, shared };
}
