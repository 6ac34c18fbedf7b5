import Type, { type TProperties } from "typebox";
import { BATCH_STATES } from "../http/routes/all-batches.ts";
import { MESSAGE_STATES } from "../http/routes/message-answers.ts";
import { RichContent } from "../http/send/rich-schema.ts";
import { CHANNELS } from "../message/channel.ts";
import { RECEIPT_STATES, REFUSAL_ENDS } from "../message/story.ts";
import { WAITING_REASONS } from "../message/waiting.ts";
import { FAULTS } from "../network/fault.ts";
import { orNull, time, uuid } from "./answers.ts";

/** The shapes of messages as they are found, and of their stories. */

const text = (description: string) => Type.String({ description });
const count = (description: string) => Type.Integer({ minimum: 0, description });
const channel = (description: string) => Type.Enum([...CHANNELS], { description });
const orNullTime = (description: string) => orNull(Type.String({ format: "date-time" }), description);
const orNullText = (description: string) => orNull(Type.String(), description);

const item = {
  message_uuid: uuid("The message: the identifier that was given, or ours."),
  batch_uuid: uuid("Its batch."),
  to: orNullText("The handset, with `+`; null where it was [erased](#erase-handset)."),
  from: orNullText("The sender."),
  channel: channel("The channel that it is at, or was last."),
  body: orNullText("The text; null where it was erased."),
  parts: count("How many parts it has."),
  state: Type.Enum([...MESSAGE_STATES], { description: "How far it has come." }),
  code: orNullText("The receipt code; null until it is final."),
  description: orNullText("What the code means."),
  accepted_at: time("When it was accepted."),
  submitted_at: orNullTime("When a carrier took the last of it; null until then, and where that was not kept."),
  final_at: orNullTime("When it was delivered or failed; null until then."),
  callback: orNullText("Where its webhook goes."),
  account_uuid: Type.Optional(uuid("Its account; with an organization's key or the operator's.")),
  carrier: Type.Optional(
    orNullText("The carrier that has it, or had it last; with an organization's key or the operator's."),
  ),
};
export const MessageItem = Type.Object(item, { title: "MessageItem" });
export const MessageList = Type.Object(
  {
    items: Type.Array(MessageItem, { description: "The newest first." }),
    next: orNull(
      Type.String(),
      "The cursor of the next page, for `after`; null at the end. A page may be short, or empty, and have one: the look was broken off after half a second.",
    ),
  },
  { title: "MessageList" },
);

const carrier = orNullText("The carrier; null where it is not shown to accounts (`messages.hideCarriers`).");
const event = <Properties extends TProperties>(kind: string, description: string, properties: Properties) =>
  Type.Object(
    { at: time("When, to the millisecond."), kind: Type.Literal(kind), ...properties },
    { title: `MessageEvent.${kind}`, description },
  );
const end = { code: text("The receipt code."), description: text("What it means.") };

const MessageEvent = Type.Union([
  event("accepted", "It was taken in.", { via: Type.Enum(["http", "smpp"], { description: "How it came." }) }),
  event("released", "It was held for its `send_at`, and is sent from now on.", {}),
  event("submitted", "A carrier took it, or a part of it.", {
    carrier,
    part: count("Which part, from 1."),
    carrier_message_id: orNullText("What the carrier calls it."),
    seconds: Type.Number({ description: "How long the carrier's answer took." }),
  }),
  event("refused", "A carrier did not take it.", {
    carrier,
    part: count("Which part, from 1."),
    status: orNullText("The carrier's status by its name; null where the text cannot be written for this carrier."),
    code: orNullText("The receipt code that it stands for."),
    // biome-ignore lint/suspicious/noThenProperty: the name that it has in the API.
    then: Type.Enum([...REFUSAL_ENDS], {
      description: "What that led to: the end, another try later, another carrier, or the next channel.",
    }),
  }),
  event("uncertain", "The carrier's answer never came: it may have taken it.", { carrier }),
  event("receipt", "What a carrier said of it later.", {
    carrier,
    part: orNull(Type.Integer(), "Which part, from 1; null where it is for the whole of a message of several."),
    state: Type.Enum([...RECEIPT_STATES], { description: "The state in it; `read` of RCS alone." }),
    error: orNullText("The error in it, as the carrier wrote it."),
    text: orNullText("Its text as the carrier sent it."),
    done_at: orNullTime("Its own time, read as UTC: the carrier's zone is not known."),
    applied: Type.Boolean({ description: "Whether it moved the message, or its part." }),
    why: orNull(
      Type.Enum(["intermediate", "late", "repeated"]),
      "Why it moved nothing: it is not final; it contradicts the end that came before; it repeats it.",
    ),
  }),
  event("fallback", "It failed at one channel, and goes by the next.", {
    from: channel("The one that failed."),
    to: channel("The next."),
  }),
  event("delivered", "It is final.", end),
  event("failed", "It is final.", end),
  event("webhook", "A try of its webhook.", {
    attempt: count("Which try, from 1."),
    url: text("Where it went."),
    status: orNull(Type.Integer(), "The answer's status; null where there was none."),
    fault: orNull(Type.Enum(Object.keys(FAULTS)), "Why there was none, in a word."),
    seconds: Type.Number({ description: "How long it took." }),
  }),
]);

const BatchItem = Type.Object(
  {
    identifier: uuid("The batch."),
    at: time("When it was accepted; while it is pending, when it is sent."),
    from: orNullText("The sender."),
    messagecount: count("How many messages it has."),
    unitcount: count("How many parts each of them has."),
    delivered: count("How many were delivered."),
    failed: count("How many have failed."),
    state: Type.Enum([...BATCH_STATES], { description: "`done`: all of its messages are final." }),
    account_uuid: Type.Optional(uuid("Its account; with an organization's key or the operator's.")),
  },
  { title: "BatchItem" },
);
export const BatchList = Type.Object(
  {
    items: Type.Array(BatchItem, { description: "The newest first." }),
    next: orNull(Type.String(), "The cursor of the next page, for `after`; null at the end. A page may be short."),
  },
  { title: "BatchList" },
);

export const MessageStory = Type.Object(
  {
    ...item,
    rcs: Type.Optional({
      ...RichContent,
      description: "The content that RCS shows in place of the text; missing where there is none.",
    }),
    events: Type.Array(MessageEvent, { description: "All that happened to it, the oldest first." }),
    waiting: orNull(
      Type.Object({
        why: Type.Enum([...WAITING_REASONS], {
          description:
            "No carrier of its route is connected, or they are paused; the carrier's window is full, its throughput used up, or it has asked to slow down; others go first; its receipt has not come; the store's disk is nearly full, or the store commits nothing.",
        }),
        since: time("Since when."),
        until: orNullTime("When it is given up."),
        ahead: Type.Optional(count("Of `queue`: how many go before it.")),
      }),
      "What it waits for; null once it is final.",
    ),
  },
  { title: "MessageStory" },
);
