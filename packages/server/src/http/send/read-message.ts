import type { Acceptance } from "../../accept/acceptance.ts";
import type { NamedSender } from "../../accept/sender-owners.ts";
import type { SharedMessage } from "../../accept/shared-pool.ts";
import type { ChannelPlan } from "../../message/channel.ts";
import { messageId, newBatchId } from "../../message/id.ts";
import type { NewMessage } from "../../store/messages/insert-messages.ts";
import type { ReadBody } from "../body.ts";
import { type Place, Rules, type RulesOptions } from "./rules.ts";
import type { MessageBody, PostMessage } from "./schemas.ts";

/** The answer of `POST /message` for one message. */
export interface MessageAnswer {
  to: string;
  body: string;
  from: { type: string; value: string };
  /** Undefined if the request has none; JSON leaves it out. */
  callback: string | undefined;
  send_at: string | undefined;
  batchUuid: string;
  messageUuid: string;
  scheduled: boolean;
}

/** The sender in an answer until the pool has given a number. */
const UNASSIGNED = { type: "shared", value: "" } as const;
/** Set although it is the default, so that the message has a row from the beginning. */
export const BY_SMS: ChannelPlan = { channel: "sms", fallback: null };
const REQUIRED = ["from", "to", "body"] as const;

/** A request in the form in which it is stored and answered, once its `shared` senders have numbers. */
export interface ReadRequest {
  acceptance: Acceptance;
  /** The answer as JSON. */
  answer(): string;
  /** The named senders, in the request's order. */
  senders: readonly NamedSender[];
  shared: readonly SharedMessage[];
}

/**
 * Validates `POST /message` and turns each message into a batch of its own. A field that a message leaves out is taken
 * whole from `defaults`, and its fault is there. The objects that most messages become are written out field by field,
 * each always with the same fields in the same order: with spreads in them V8 gave each its own shape, which cost 7 µs a
 * message of 70, here and wherever they were read.
 * @throws Rejected with every fault
 */
export function readMessages(
  { body: request, faults }: ReadBody<PostMessage>,
  caller: Pick<Acceptance, "accountId" | "priced">,
  options: RulesOptions,
  now: number,
): ReadRequest {
  const { accountId, priced } = caller;
  const rules = new Rules(options, accountId, now, faults);
  const acceptance: Acceptance = {
    accountId,
    priced,
    batch: null,
    messages: [],
    bundles: [],
    pending: [],
    givenIds: [],
    idempotency: null,
    sharedLocks: null,
  };
  const answers: MessageAnswer[] = [];
  const shared: SharedMessage[] = [];
  const ids = new Map<string, number>();
  const { messages = [], defaults } = request;
  if (defaults !== undefined) judgeDefaults(rules, defaults);
  for (let index = 0; index < messages.length && !rules.full; index++) {
    const own: MessageBody = messages[index] ?? {};
    const message = defaults === undefined ? own : { ...defaults, ...own };
    const at: Place = (name) => {
      const inherited =
        own[name as keyof MessageBody] === undefined && defaults?.[name as keyof MessageBody] !== undefined;
      return inherited ? `defaults.${name}` : `messages[${index}].${name}`;
    };
    const valueAt: Place = (name) => `${at(name)}.value`;
    const { from, to, body, callback, send_at } = message;
    for (const name of REQUIRED) {
      if (message[name] !== undefined || rules.isFaulty(`defaults.${name}`)) continue;
      rules.fault(at(name), "is required, here or in defaults");
    }
    const tlvs = rules.tlvs(at, "tlvs", message.tlvs);
    const plan = rules.channels(at, "channels", message.channels) ?? (tlvs === null ? null : BY_SMS);
    const rich = rules.rich(at, "rcs", message.rcs, plan);
    const sendAt = rules.sendAt(at, "send_at", send_at);
    const givenId = rules.identifier(at, "id", message.id);
    if (givenId !== null) {
      const first = ids.get(givenId);
      if (first !== undefined) rules.fault(at("id"), `is also the id of messages[${first}]`);
      ids.set(givenId, index);
    }
    const endpoint = rules.callback(at, "callback", callback);
    const destination = rules.destination(at, "to", to);
    const sender = rules.sender(valueAt, "from", from?.type === "custom" ? from.value : undefined);
    const parts = rules.text(at, "body", body, rules.languagesTo(destination));
    if (from === undefined || to === undefined || body === undefined) continue;
    const batchId = newBatchId(sendAt ?? now);
    const id = messageId(batchId, 1);
    const { expiresAt, receiptBy } = rules.times(message.validity, sendAt ?? now);
    if (sendAt === null) {
      acceptance.messages.push({
        id,
        accountId,
        destination,
        parts,
        expiresAt,
        receiptBy,
        leasedBy: 0,
        batchId: null,
        givenId,
        sender,
        body,
        callback: callback ?? null,
        endpoint,
      });
      if (plan !== null) (acceptance.messages.at(-1) as NewMessage).plan = plan;
      if (tlvs !== null) (acceptance.messages.at(-1) as NewMessage).tlvs = tlvs;
      if (rich !== null) (acceptance.messages.at(-1) as NewMessage).rich = rich;
    } else {
      const content = { sender, body, callback: callback ?? null, endpoint, ...(rich === null ? {} : { rich }) };
      const batch = { id: batchId, accountId, total: 1, parts, ...content, givenId: null };
      const held = { id: batchId, accountId, at: sendAt, expiresAt, receiptBy, total: 1, cost: parts, givenId, batch };
      acceptance.pending.push({ ...held, ...(plan === null ? {} : { plan }), tlvs, destinations: [destination] });
    }
    if (givenId !== null) acceptance.givenIds.push({ accountId, kind: "m", given: givenId, id, path: at("id") });
    answers.push({
      to,
      body,
      from: from.type === "custom" ? from : UNASSIGNED,
      callback,
      send_at,
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
  return { acceptance, answer: () => answerText(answers), senders: rules.senders, shared };
}

/** A faulty default is a fault, too, where every message has its own. */
function judgeDefaults(rules: Rules, { from, to, body, callback, send_at, id, channels, tlvs }: MessageBody): void {
  const at: Place = (name) => `defaults.${name}`;
  rules.tlvs(at, "tlvs", tlvs);
  if (channels !== undefined) rules.channels(at, "channels", channels);
  rules.sendAt(at, "send_at", send_at);
  rules.identifier(at, "id", id);
  rules.callback(at, "callback", callback);
  rules.text(at, "body", body, rules.languagesTo(rules.destination(at, "to", to)));
  if (from?.type === "custom") rules.senderId((name) => `${at(name)}.value`, "from", from.value);
}

/** As JSON.stringify would write it, in less than half the time. */
function answerText(answers: readonly MessageAnswer[]): string {
  let text = "";
  for (const { to, body, from, callback, send_at, batchUuid, messageUuid, scheduled } of answers) {
    if (text !== "") text += ",";
    text += `{"to":${JSON.stringify(to)},"body":${JSON.stringify(body)},"from":${JSON.stringify(from)},`;
    if (callback !== undefined) text += `"callback":${JSON.stringify(callback)},`;
    if (send_at !== undefined) text += `"send_at":${JSON.stringify(send_at)},`;
    text += `"batchUuid":"${batchUuid}","messageUuid":"${messageUuid}","scheduled":${scheduled}}`;
  }
  return `{"messages":[${text}]}`;
}
