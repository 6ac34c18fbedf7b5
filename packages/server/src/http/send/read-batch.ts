import type { Acceptance } from "../../accept/acceptance.ts";
import { USUAL_CHANNEL } from "../../message/channel.ts";
import { messageId, newBatchId } from "../../message/id.ts";
import type { NationalLanguage } from "../../message/national-languages.ts";
import { isAnswerable } from "../../message/sender-id.ts";
import { inBoth } from "../../route/languages.ts";
import type { NewBatch } from "../../store/messages/insert-batches.ts";
import type { NewMessage } from "../../store/messages/insert-messages.ts";
import type { ReadBody } from "../body.ts";
import { BY_SMS, type ReadRequest } from "./read-message.ts";
import { type Place, Rules, type RulesOptions } from "./rules.ts";
import type { PostBatch } from "./schemas.ts";

const FIELD: Place = (name) => name;

/** Destinations that are read in one turn of the event loop, which takes about a millisecond. */
const PER_TURN = 2_000;

/**
 * Validates `POST /batch` and turns it into a batch of messages. Other requests get turns in between: a batch of 100,000 does
 * not hold them up.
 * @throws Rejected with every fault
 */
export async function readBatch(
  { body: request, faults }: ReadBody<PostBatch>,
  caller: Pick<Acceptance, "accountId" | "priced">,
  allowMulti: boolean,
  options: RulesOptions,
  now: number,
): Promise<ReadRequest> {
  const { accountId } = caller;
  const rules = new Rules(options, accountId, now, faults);
  const { id, uuid, send_at, at, channel, fallback_channels, callback, destinations = [] } = request;
  if (id !== undefined && uuid !== undefined && id.toLowerCase() !== uuid.toLowerCase()) {
    rules.fault("uuid", "differs from id, which means the same");
  }
  if (send_at !== undefined && at !== undefined && send_at !== at)
    rules.fault("at", "differs from send_at, which means the same");
  const idField = id === undefined ? "uuid" : "id";
  const givenId = rules.identifier(FIELD, idField, id ?? uuid);
  const sendAt = rules.sendAt(FIELD, send_at === undefined ? "at" : "send_at", send_at ?? at);
  const fallsBack = fallback_channels !== undefined;
  const inOrder = channel === undefined ? fallback_channels : [channel, ...(fallback_channels ?? [])];
  // Without `channel` the usual one comes before those to fall back to, and may be among them.
  const first = channel === undefined && fallsBack ? USUAL_CHANNEL : undefined;
  const channels = rules.channels(FIELD, fallsBack ? "fallback_channels" : "channel", inOrder, first);
  const tlvs = rules.tlvs(FIELD, "tlvs", request.tlvs);
  const plan = channels ?? (tlvs === null ? null : BY_SMS);
  const rich = rules.rich(FIELD, "rcs", request.rcs, plan);
  const endpoint = rules.callback(FIELD, "callback", callback);
  const sender = rules.sender(FIELD, "from", request.from);
  const numbers = new Set<string>();
  let languages: readonly NationalLanguage[] | null = null;
  let index = 0;
  const entry: Place = (name) => `${name}[${index}]`;
  for (; index < destinations.length && !rules.full; index++) {
    if (index % PER_TURN === PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    const number = rules.destination(entry, "destinations", destinations[index]);
    numbers.add(number);
    // One text has one count: only languages that all destinations allow may be used.
    const allowed = rules.languagesTo(number);
    languages = languages === null ? allowed : inBoth(languages, allowed);
  }
  const parts = rules.text(FIELD, "message", request.message, languages ?? []);
  if (parts > 1 && !allowMulti)
    rules.fault("message", `takes ${parts} parts; allowMulti=true in the query allows more than one`);
  rules.settle();
  const batchId = newBatchId(sendAt ?? now);
  const batch = {
    id: batchId,
    accountId,
    total: numbers.size,
    parts,
    sender,
    body: request.message as string,
    callback: callback ?? null,
    endpoint,
    givenId,
    ...(rich === null ? {} : { rich }),
  };
  const times = rules.times(request.validity, sendAt ?? now);
  const givenIds =
    givenId === null ? [] : [{ accountId, kind: "b" as const, given: givenId, id: batchId, path: idField }];
  const common = { ...caller, givenIds, idempotency: null, sharedLocks: null };
  const named = {
    answer: () => JSON.stringify({ identifier: givenId ?? batchId }),
    senders: rules.senders,
    shared: [],
  };
  if (sendAt !== null) {
    const { total } = batch;
    const held = { id: batchId, accountId, at: sendAt, ...times, total, cost: parts * total, givenId: null, batch };
    const pending = [{ ...held, ...(plan === null ? {} : { plan }), tlvs, destinations: [...numbers] }];
    return { acceptance: { ...common, batch: null, messages: [], bundles: [], pending }, ...named };
  }
  const messages = await messagesOf(batch, times, numbers);
  if (plan !== null) for (const message of messages) message.plan = plan;
  if (tlvs !== null) for (const message of messages) message.tlvs = tlvs;
  return { acceptance: { ...common, batch, messages, bundles: [], pending: [] }, ...named };
}

async function messagesOf(
  { id: batchId, accountId, parts, sender: batchSender }: NewBatch,
  times: ReturnType<Rules["times"]>,
  numbers: ReadonlySet<string>,
): Promise<NewMessage[]> {
  // A sender that can be answered is in each message's own row, where an answer finds it.
  const sender = isAnswerable(batchSender) ? batchSender : null;
  const messages: NewMessage[] = [];
  for (const destination of numbers) {
    if (messages.length % PER_TURN === PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    messages.push({
      id: messageId(batchId, messages.length + 1),
      accountId,
      destination,
      parts,
      ...times,
      leasedBy: 0,
      batchId,
      givenId: null,
      sender,
      body: null,
      callback: null,
      endpoint: null,
    });
  }
  return messages;
}
