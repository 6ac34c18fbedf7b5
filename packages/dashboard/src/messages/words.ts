import type { MessageEvent, MessageItem, MessageState, MessageWaiting } from "@messaging-plus/sdk";
import { numberText } from "../parts/values.tsx";
import { MESSAGE_STATES } from "./fields.ts";

const STATES = new Map(MESSAGE_STATES);

export const stateWords = (state: MessageState): string => STATES.get(state) ?? state;

/** The reasons why a message waits, each a sentence. */
const WAITS: Record<MessageWaiting["why"], string> = {
  "no-link": "No carrier that it may go to is connected, or they are paused.",
  window: "Its carrier has as many submits to answer as it takes at a time.",
  throughput: "Its carrier gets as many messages a second as it takes.",
  slowed: "Its carrier has asked to be sent to more slowly.",
  queue: "It waits for its turn.",
  receipt: "A carrier has it, and has not said yet what became of it.",
  disk: "The server's disk is nearly full: nothing is sent until there is room.",
  store: "The server's database does not answer: nothing is sent until it does.",
};

export function waitingWords({ why, ahead }: MessageWaiting): string {
  if (ahead === undefined) return WAITS[why];
  if (ahead === 0) return `${WAITS[why]} It is the next of its account.`;
  return `${WAITS[why]} ${numberText(ahead)} of its account go before it.`;
}

/** The fate of a message that still waits at the end of its time, in a sentence. */
export const endOfWait = ({ why }: MessageWaiting): string =>
  why === "receipt"
    ? "Without the carrier's word until then, it fails or goes on to its next channel."
    : "What is not sent by then fails.";

const LINES = [
  [10_000, (ms: number) => `${(ms / 1_000).toFixed(2)} s`],
  [60_000, (ms: number) => `${(ms / 1_000).toFixed(1)} s`],
  [3_600_000, (ms: number) => `${Math.floor(ms / 60_000)} min ${Math.floor(ms / 1_000) % 60} s`],
  [86_400_000, (ms: number) => `${Math.floor(ms / 3_600_000)} h ${Math.floor(ms / 60_000) % 60} min`],
] as const;

/** A length of time, as in `1.24 s`, `3 min 12 s` or `2 d 4 h`. */
export function spanText(ms: number): string {
  const [, text] = LINES.find(([below]) => ms < below) ?? [];
  return text?.(ms) ?? `${Math.floor(ms / 86_400_000)} d ${Math.floor(ms / 3_600_000) % 24} h`;
}

/** The outcome of a message, in a sentence. */
export function outcomeWords({ state, code, description, accepted_at, final_at }: MessageItem): string {
  const after =
    final_at === null ? "" : ` ${spanText(Date.parse(final_at) - Date.parse(accepted_at))} after it was accepted`;
  if (state === "delivered") return `It was delivered${after}.`;
  if (state === "failed") return `It failed${after}: ${description ?? "for no known reason"} (code ${code}).`;
  return state === "submitted" ? "A carrier has it." : "It is not sent yet.";
}

export type Tone = "good" | "bad" | "wait" | "";

/** Steps after a refusal. */
const THEN: Record<Extract<MessageEvent, { kind: "refused" }>["then"], string> = {
  fail: "it fails with that",
  later: "it is sent again later",
  carrier: "the next carrier is tried",
  channel: "the next channel is tried",
};

/** Why a receipt moved nothing. */
const UNMOVED: Record<NonNullable<Extract<MessageEvent, { kind: "receipt" }>["why"]>, string> = {
  intermediate: "changes nothing: it is not the carrier's last word",
  late: "changes nothing: the message was at its end, or on its way elsewhere",
  repeated: "changes nothing: it was said before",
};

const CHANNELS = { sms: "SMS", rcs: "RCS" } as const;
const who = (carrier: string | null): string => carrier ?? "the carrier";
const partText = (part: number | null, parts: number): string =>
  part === null || parts === 1 ? "" : `, part ${part} of ${parts}`;

export interface EventWords {
  tone: Tone;
  title: string;
  /** Further facts, each a few words. */
  facts: string[];
}

/** An event of a message's story, as one tells it. @param parts how many the message has */
export function eventWords(event: MessageEvent, parts: number): EventWords {
  switch (event.kind) {
    case "accepted":
      return { tone: "", title: `Accepted over ${event.via === "smpp" ? "SMPP" : "HTTP"}`, facts: [] };
    case "released":
      return { tone: "", title: "Released: its scheduled time has come", facts: [] };
    case "submitted": {
      const { carrier, part, carrier_message_id, seconds } = event;
      return {
        tone: "",
        title: `Taken by ${who(carrier)}${partText(part, parts)}`,
        facts: [
          ...(carrier_message_id === null ? [] : [`its id there: ${carrier_message_id}`]),
          `answered after ${spanText(seconds * 1_000)}`,
        ],
      };
    }
    case "refused": {
      const { carrier, part, status, code } = event;
      return {
        tone: event.then === "fail" ? "bad" : "wait",
        title: `Refused by ${who(carrier)}${partText(part, parts)}`,
        facts: [
          status ?? "it could not be written for this carrier",
          ...(code === null ? [] : [`code ${code}`]),
          THEN[event.then],
        ],
      };
    }
    case "uncertain":
      return {
        tone: "wait",
        title: `No answer from ${who(event.carrier)}`,
        facts: ["whether the carrier has it is uncertain"],
      };
    case "receipt": {
      const { carrier, part, state, error, applied, why } = event;
      return {
        tone: !applied ? "" : state === "delivered" || state === "read" ? "good" : "bad",
        title: `Receipt from ${who(carrier)}${partText(part, parts)}: ${state}`,
        facts: [
          ...(error === null ? [] : [`error ${error}`]),
          applied || why === null ? "it decided what became of the message" : UNMOVED[why],
        ],
      };
    }
    case "fallback":
      return { tone: "wait", title: `Goes on from ${CHANNELS[event.from]} to ${CHANNELS[event.to]}`, facts: [] };
    case "delivered":
      return { tone: "good", title: "Delivered", facts: [`code ${event.code}`, event.description] };
    case "failed":
      return { tone: "bad", title: "Failed", facts: [`code ${event.code}`, event.description] };
    case "webhook": {
      const { attempt, status, fault, seconds } = event;
      const good = status !== null && status >= 200 && status < 300;
      return {
        tone: good || status === 0 ? "good" : "bad",
        title: `Webhook, try ${attempt}: ${status ?? fault}`,
        facts: [`after ${spanText(seconds * 1_000)}`],
      };
    }
  }
}
