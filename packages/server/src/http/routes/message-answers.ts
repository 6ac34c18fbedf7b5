import { USUAL_CHANNEL } from "../../message/channel.ts";
import { codeText } from "../../message/code-number.ts";
import { timeOf } from "../../message/id.ts";
import { DELIVERED, isFinal, type MessageState, SUBMITTED } from "../../message/lifecycle.ts";
import { describeCode } from "../../message/receipt-codes.ts";
import { readDate } from "../../message/receipt-date.ts";
import { isSmppUrl, shownCallback, withoutOrigin } from "../../message/smpp-origin.ts";
import { eventsOf, heldSince, lastSubmittedAt, type StoredEvent } from "../../message/story.ts";
import { type Attempt, visibleBatch } from "../../message/webhook.ts";
import type { MessageRow } from "../../store/messages/message-row.ts";

/** A message's states in words, in the order of their numbers. */
export const MESSAGE_STATES = ["accepted", "submitted", "delivered", "failed"] as const;

/** The fields of a message that a caller may see. */
export interface Shown {
  /** Its account and its carrier: for organizations and the operator. */
  whose: boolean;
  /** Carriers' names, and their ids of a message. */
  carriers: boolean;
}

/** A message in a list. */
export function messageItem(row: MessageRow, shown: Shown) {
  const { id, givenId, destination, sender, channel, body, parts, state, finalAt, callback } = row;
  const code = isFinal(state as MessageState) && row.code !== null ? codeText(row.code) : null;
  return {
    message_uuid: givenId ?? id,
    batch_uuid: visibleBatch(id, row),
    to: destination === null ? null : `+${destination}`,
    from: sender,
    channel: channel ?? USUAL_CHANNEL,
    body,
    parts,
    state: MESSAGE_STATES[state] as (typeof MESSAGE_STATES)[number],
    code,
    description: code === null ? null : describeCode(code),
    accepted_at: iso(acceptedAt(row)),
    submitted_at: submittedAt(row),
    final_at: finalAt?.toISOString() ?? null,
    callback: shownCallback(callback),
    ...(shown.whose ? { account_uuid: row.account, carrier: row.carrier } : {}),
  };
}

/** The identifier of a message that was held for its time has that time. */
function acceptedAt({ id, events }: MessageRow): number {
  return heldSince(events) ?? timeOf(id);
}

/** When a carrier took the last part; null before that, and if the time was not kept. */
function submittedAt(row: MessageRow): string | null {
  const at = row.state < SUBMITTED ? null : lastSubmittedAt(row.events);
  return at === null ? null : iso(at);
}

function storedEvents({ events, carrierNumber, carrierMessageId }: MessageRow): StoredEvent[] {
  return eventsOf(events, { carrier: carrierNumber, carrierMessageId }, (date) => readDate(date)?.getTime() ?? null);
}

/** Facts about a message beside its row. */
export interface StoryOf {
  /** Names of carriers by their numbers. */
  carriers: ReadonlyMap<number, string>;
  /** Lines of the story that are only in memory. */
  said: string | null;
  webhook: { url: string; attempts: readonly string[] } | null;
}

/** All that happened to a message, oldest first. */
export function messageEvents(row: MessageRow, { carriers, said, webhook }: StoryOf, shown: Shown) {
  const name = (number: number | undefined): string | null => {
    const carrier = number ?? row.carrierNumber;
    return shown.carriers && carrier !== null ? (carriers.get(carrier) ?? null) : null;
  };
  const stored = [...storedEvents(row), ...storedEvents({ ...row, events: said })];
  const told: { at: number; event: object }[] = stored.map((event) => ({
    at: event.at,
    event: eventItem(event, row, name, shown),
  }));
  const via = row.callback !== null && isSmppUrl(row.callback) ? "smpp" : "http";
  told.unshift({ at: acceptedAt(row), event: { kind: "accepted", via } });
  if (isFinal(row.state as MessageState) && row.finalAt !== null) {
    const code = codeText(row.code ?? 0);
    const end = { kind: row.state === DELIVERED ? "delivered" : "failed", code, description: describeCode(code) };
    // The store's clock and this program's may differ a little: the end comes after its causes.
    const causes = stored.filter((event) => event.kind !== "receipt" || event.effect === "applied");
    const at = Math.max(row.finalAt.getTime(), ...causes.map((cause) => cause.at));
    told.push({ at, event: end });
  }
  webhook?.attempts.forEach((json, index) => {
    const { at, status, fault, totalMs } = JSON.parse(json) as Attempt;
    // Rounded to a tenth of a millisecond: a division alone would give 0.022699999999999998.
    const seconds = Math.round(totalMs * 10) / 10_000;
    const event = { kind: "webhook", attempt: index + 1, url: withoutOrigin(webhook.url), status, fault, seconds };
    told.push({ at: Date.parse(at), event });
  });
  // A stable sort keeps the order of events of one millisecond.
  told.sort((one, other) => one.at - other.at);
  return told.map(({ at, event }) => ({ at: iso(at), ...event }));
}

function eventItem(
  event: StoredEvent,
  row: MessageRow,
  name: (number: number | undefined) => string | null,
  shown: Shown,
): object {
  switch (event.kind) {
    case "released":
      return { kind: "released" };
    case "submitted": {
      const id = event.id === undefined ? row.carrierMessageId : event.id;
      return {
        kind: "submitted",
        carrier: name(event.carrier),
        part: event.part + 1,
        carrier_message_id: shown.carriers ? id : null,
        seconds: event.ms / 1_000,
      };
    }
    case "refused": {
      const { part, status, code, end } = event;
      // biome-ignore lint/suspicious/noThenProperty: the name that it has in the API; nothing awaits it.
      return { kind: "refused", carrier: name(event.carrier), part: part + 1, status, code, then: end };
    }
    case "uncertain":
      return { kind: "uncertain", carrier: name(event.carrier) };
    case "fallback":
      return { kind: "fallback", from: event.from, to: event.to };
    case "receipt": {
      const { part, state, error, text, doneAt, effect } = event;
      return {
        kind: "receipt",
        carrier: name(event.carrier),
        // A receipt that names no part is for the whole message.
        part: part !== null ? part + 1 : row.parts === 1 ? 1 : null,
        state,
        error,
        // It contains the carrier's id.
        text: shown.carriers ? text : null,
        done_at: doneAt === null ? null : iso(doneAt),
        applied: effect === "applied",
        why: effect === "applied" ? null : effect,
      };
    }
  }
}

/** The time of a waiting message's last event, in epoch milliseconds. */
export function lastEventAt(row: MessageRow, said: string | null): number {
  const events = [...storedEvents(row), ...storedEvents({ ...row, events: said })];
  const last = events.filter((event) => event.kind !== "receipt").at(-1);
  return Math.max(acceptedAt(row), last?.at ?? 0);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
