import { messageId, newBatchId } from "../message/id.ts";
import type { Acceptance } from "./accept.ts";
import type { ReadBody } from "./body.ts";
import { Rules, type RulesOptions } from "./rules.ts";
import type { PostBatch } from "./schemas.ts";

/** Destinations that are read in one turn of the event loop: about a millisecond's worth. */
const PER_TURN = 2_000;

/**
 * Validates `POST /batch` and turns it into a batch of messages. Other requests have their turn in between: a batch of
 * 100,000 does not hold them up.
 * @throws Rejected with every fault
 */
export async function readBatch(
  { body: request, faults }: ReadBody<PostBatch>,
  accountId: number,
  allowMulti: boolean,
  options: RulesOptions,
  now: number,
): Promise<{ acceptance: Acceptance; identifier: string }> {
  const rules = new Rules(options, accountId, now, faults);
  const { id, uuid, send_at, at, channel, fallback_channels, callback, destinations = [] } = request;
  if (id !== undefined && uuid !== undefined && id.toLowerCase() !== uuid.toLowerCase()) {
    rules.fault("uuid", "differs from id, which means the same");
  }
  if (send_at !== undefined && at !== undefined && send_at !== at)
    rules.fault("at", "differs from send_at, which means the same");
  const givenId = rules.identifier(id === undefined ? "uuid" : "id", id ?? uuid);
  rules.sendAt(send_at === undefined ? "at" : "send_at", send_at ?? at);
  rules.channels("channel", channel === undefined ? undefined : [channel]);
  rules.channels("fallback_channels", fallback_channels);
  const endpoint = rules.callback("callback", callback);
  const sender = rules.sender("from", request.from);
  const parts = rules.text("message", request.message);
  if (parts > 1 && !allowMulti)
    rules.fault("message", `takes ${parts} parts; allowMulti=true in the query allows more than one`);
  const times = rules.times(request.validity);
  const batchId = newBatchId(now);
  const messages: Acceptance["messages"] = [];
  const seen = new Set<string>();
  for (let index = 0; index < destinations.length && !rules.full; index++) {
    if (index % PER_TURN === PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    const destination = rules.destination(`destinations[${index}]`, destinations[index]);
    if (seen.has(destination)) continue;
    seen.add(destination);
    messages.push({
      id: messageId(batchId, seen.size),
      accountId,
      destination,
      parts,
      ...times,
      leasedBy: 0,
      batchId,
      givenId: null,
      sender: null,
      body: null,
      callback: null,
      endpoint: null,
    });
  }
  rules.settle();
  const batch = {
    id: batchId,
    accountId,
    total: messages.length,
    parts,
    sender,
    body: request.message as string,
    callback: callback ?? null,
    endpoint,
    givenId,
  };
  const givenIds = givenId === null ? [] : [{ accountId, kind: "b" as const, given: givenId, id: batchId }];
  return { acceptance: { accountId, batch, messages, givenIds }, identifier: givenId ?? batchId };
}
