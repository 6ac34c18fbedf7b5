import Type, { type TObject, type TProperties, type TSchema } from "typebox";
import { BATCH_STATES } from "../http/routes/all-batches.ts";
import { HOLD_REASONS } from "../http/routes/webhook-answers.ts";
import { RichContent } from "../http/send/rich-schema.ts";
import { CHANNELS } from "../message/channel.ts";
import { ENDPOINT_STATES } from "../message/endpoint-state.ts";
import { NATIONAL_LANGUAGES } from "../message/national-languages.ts";
import { WEBHOOK_STATES } from "../message/webhook.ts";
import { FAULTS } from "../network/fault.ts";
import type { LedgerKind } from "../store/accounts/ledger.ts";
import { MOST_WAITING } from "../store/webhooks/endpoint-states.ts";

/** The shapes of what requests are answered with. Each has a title, under which OpenAPI's components list it. */

export const uuid = (description: string) => Type.String({ format: "uuid", description });
export const orNull = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
export const text = (description: string) => Type.String({ description });
export const count = (description: string) => Type.Integer({ minimum: 0, description });
export const time = (description: string) => Type.String({ format: "date-time", description });
export const titled = <Properties extends TProperties>(title: string, properties: Properties): TObject<Properties> =>
  Type.Object(properties, { title });
export const listOf = <Item extends TSchema>(title: string, item: Item, order: string) =>
  titled(title, {
    items: Type.Array(item, { description: order }),
    next: orNull(Type.String(), "The cursor of the next page, for `after`; null at the end."),
  });

export const Nothing = titled("Nothing", {});
export const Identifier = titled("Identifier", { identifier: uuid("What it is called from now on.") });
const apiKey = Type.String({ pattern: "^[0-9a-f]{32}$", description: "The key. It is shown this once." });
export const NewKey = titled("NewKey", { apiKey });
export const IdentifierAndKey = titled("IdentifierAndKey", {
  identifier: uuid("What it is called from now on."),
  apiKey,
});

const AcceptedMessage = titled("AcceptedMessage", {
  to: text("As in the request."),
  body: text("As in the request."),
  from: Type.Object(
    {
      type: Type.Enum(["custom", "shared"]),
      value: text("The sender; with `shared`, the number that was picked from the pool."),
    },
    { description: "As in the request, with the value filled in." },
  ),
  callback: Type.Optional(text("As in the request, where it has one.")),
  send_at: Type.Optional(text("As in the request, where it has one.")),
  batchUuid: uuid("The batch of this message alone: for `GET /batch/{uuid}`, and to cancel it."),
  messageUuid: uuid("The message: the identifier that was given, or ours."),
  scheduled: Type.Boolean({ description: "Whether it is held for its `send_at`." }),
});
export const AcceptedMessages = titled("AcceptedMessages", {
  messages: Type.Array(AcceptedMessage, { description: "In the order of the request." }),
});

export const NationalLanguages = titled("NationalLanguages", {
  routes: Type.Array(
    Type.Object({
      to: text("The first digits of the numbers that it is for; the longest that fits counts."),
      nationalLanguages: Type.Array(Type.Enum([...NATIONAL_LANGUAGES]), {
        description: "Languages that a text may be written in; empty: GSM 7-bit and UCS-2 alone.",
      }),
    }),
    { description: "Empty where no carrier takes such texts." },
  ),
});

export const Receipt = titled("Receipt", {
  code: text("A receipt code, as `GET /dr-responses` lists them."),
  description: text("What the code means."),
});
const MessageStatus = titled("MessageStatus", {
  destination: orNull(Type.String(), "The handset, with `+`; null where it was [erased](#erase-handset)."),
  delivered: Type.Boolean({ description: "Neither flag set: not known yet." }),
  failed: Type.Boolean({ description: "Neither flag set: not known yet." }),
  batchuuid: uuid("The batch that was asked for."),
  messageuuid: uuid("The message."),
  info: orNull(Receipt, "Why; null until it is known."),
});
export const BatchStatus = titled("BatchStatus", {
  counts: Type.Object(
    {
      total: count("How many messages the batch has."),
      delivered: count("How many were delivered."),
      failed: count("How many have failed; what is left is not known yet."),
    },
    { description: "How the messages ended." },
  ),
  details: Type.Optional(
    Type.Array(MessageStatus, { description: "Each message; with `details=true` alone, in the order of the request." }),
  ),
  content: Type.Optional(
    Type.Object(
      {
        at: time("When it was accepted, or, while it is pending, when it is sent."),
        state: Type.Enum([...BATCH_STATES], { description: "How far it has come." }),
        from: orNull(Type.String(), "The sender; null where it was [erased](#erase-handset)."),
        message: orNull(Type.String(), "The text; null where it was erased."),
        rcs: Type.Optional({
          ...RichContent,
          description: "The content that RCS shows in place of the text; missing where there is none.",
        }),
        callback: orNull(Type.String(), "Where its webhooks go."),
        unitcount: count("How many parts each message has."),
        account_uuid: Type.Optional(uuid("Its account; with an organization's key or the operator's.")),
      },
      { description: "What it sends; with `content=true`." },
    ),
  ),
  next: Type.Optional(
    orNull(
      Type.String(),
      "The cursor of the next page, for `after`; null at the end. Only where `limit` or `after` was given.",
    ),
  ),
});
const PendingBatch = titled("PendingBatch", {
  identifier: uuid("The batch."),
  at: time("When it is sent; ends in `Z`."),
  from: orNull(Type.String(), "The sender."),
  messagecount: count("How many messages it has."),
  unitcount: count("How many parts each of them has."),
});
export const PendingBatches = titled("PendingBatches", {
  batches: Type.Array(PendingBatch, { description: "The soonest first." }),
  next: Type.Optional(
    orNull(
      Type.String(),
      "The cursor of the next page, for `after`; null at the end. Only where `limit` or `after` was given.",
    ),
  ),
});
export const ReceiptCodes = Type.Array(Receipt, { title: "ReceiptCodes" });

const faults = Type.Enum(Object.keys(FAULTS) as (keyof typeof FAULTS)[]);
const tried = {
  at: time("When it began."),
  status: orNull(Type.Integer(), "The answer's status; null where there was none."),
  fault: orNull(faults, "Why there was none, in a word."),
  reason: orNull(Type.String(), "Why it failed, in a sentence; null where it did not."),
};
const milliseconds = (until: string) => orNull(Type.Number(), `Milliseconds from the beginning until ${until}.`);
const Attempt = titled("Attempt", {
  ...tried,
  connect_ms: milliseconds("the request was written"),
  first_byte_ms: milliseconds("the answer's headers were in"),
  total_ms: milliseconds("the end"),
  answer: orNull(Type.String(), "The first KiB of the answer's body."),
});
const webhook = {
  id: uuid("Its `webhook-id`: the same on every try."),
  kind: Type.Enum(["receipt", "intermediate", "inbound", "event"], {
    description: "What it tells. `intermediate`: over SMPP, that a message is on its way.",
  }),
  state: Type.Enum([...WEBHOOK_STATES], { description: "`exhausted`: the last try has failed; it can be replayed." }),
  endpoint: text("The origin of the URL; over SMPP `smpp:` and the `system_id`."),
  url: text("Where it goes."),
  batch_uuid: orNull(Type.String({ format: "uuid" }), "The batch that it is about."),
  message_uuid: orNull(Type.String({ format: "uuid" }), "The message that it is about."),
  tries: count("How often it was tried since it was made or last replayed."),
  created_at: time("When the message was accepted, or the inbound message or event was made."),
  next_at: orNull(Type.String({ format: "date-time" }), "When it is due, while it is pending; never in the past."),
  held: orNull(
    titled("Held", {
      why: Type.Enum([...HOLD_REASONS], {
        description:
          "`endpoint_fails`: 20 different webhooks in a row have failed, and one at a time is tried. `retry_after`: the receiver has asked for a pause.",
      }),
      since: time("Since when its endpoint is so."),
      next_probe_at: time("Until when nothing is sent to the endpoint."),
    }),
    "Why it is held back although it is due, or would be; null where it is not.",
  ),
};
const WebhookItem = titled("WebhookItem", {
  ...webhook,
  last_attempt: orNull(titled("LastAttempt", tried), "The last try; null before the first."),
});
export const WebhookList = listOf(
  "WebhookList",
  WebhookItem,
  "The newest first. A page may be short where few of many match.",
);
export const WebhookDetails = titled("WebhookDetails", {
  ...webhook,
  body: orNull(Type.String(), "What is sent, to the byte."),
  attempts: Type.Array(Attempt, { description: "Every try, the oldest first; the newest 60." }),
});
export const Endpoints = listOf(
  "Endpoints",
  titled("Endpoint", {
    origin: text("Scheme, host and port of the URLs."),
    account_uuid: uuid("The account whose endpoint it is."),
    state: Type.Enum([...ENDPOINT_STATES], {
      description:
        "`failing`: the last try has failed. `probed`: 20 different webhooks in a row have failed, and one at a time is tried.",
    }),
    since: time("Since when it is in this state."),
    waiting: count(
      `Webhooks that wait for a try: for its time, for their turn, or for a probe. At most ${MOST_WAITING} are counted.`,
    ),
    next_probe_at: orNull(
      Type.String({ format: "date-time" }),
      "Until when nothing is sent, because it fails or its receiver has asked for a pause; null where neither is so.",
    ),
    last: titled("LastTry", {
      at: time("When the last try began, as far as it is written."),
      status: orNull(Type.Integer(), "The answer's status; null where there was none."),
      fault: orNull(faults, "Why there was none, in a word."),
    }),
  }),
  "Those that are probed first, then those that fail.",
);
const percentiles = (what: string) =>
  Type.Object(
    {
      p50: orNull(Type.Number(), "Half of them took at most so many seconds."),
      p95: orNull(Type.Number(), "95 of a hundred."),
      p99: orNull(Type.Number(), "99 of a hundred."),
    },
    { description: `${what} To within 13 %; null where there was none.` },
  );
const group = (description: string) => Type.Optional(orNull(Type.String(), `${description} With \`group\` alone.`));
export const Statistics = titled("Statistics", {
  items: Type.Array(
    titled("Statistic", {
      at: time("The beginning of the minute, hour or day, UTC."),
      account: Type.Optional(uuid("The account. With `group` alone.")),
      carrier: group(
        "The carrier; null of what none had yet, of accepted messages, and where it is not shown to accounts (`messages.hideCarriers`).",
      ),
      country: group("The country that the number's first digits name, ISO 3166-1 alpha-2; null where they name none."),
      channel: group("`sms` or `rcs`: that the message was at."),
      code: group("The receipt code; null of what is not final."),
      accepted: count("Messages accepted."),
      submitted: count("Messages that a carrier took; one that fell back is counted at each of its channels."),
      delivered: count("Messages that became delivered."),
      failed: count("Messages that failed."),
      parts: count("Parts of the accepted messages, as they are priced."),
      receipt_seconds: percentiles("From a carrier's taking a message to its final receipt."),
      webhook_seconds: percentiles("From a message's becoming final to the first success of its webhook."),
    }),
    { description: "By time, and then by group. Where nothing happened there is no item." },
  ),
});
export const Replayed = titled("Replayed", {
  replayed: count("How many are tried again. One that is being tried as it is does not count."),
});

export const InboundMessage = titled("InboundMessage", {
  account_uuid: uuid("The account that it is for."),
  batch_uuid: orNull(
    Type.String({ format: "uuid" }),
    "The batch of the account's latest message from that number to that handset.",
  ),
  message_uuid: orNull(Type.String({ format: "uuid" }), "That message."),
  mo_uuid: uuid("The inbound message itself; tell repeats by it."),
  channel: Type.Enum([...CHANNELS], { description: "How it came." }),
  message: text("The text, put together where it came in parts; of a tap over RCS the words on it."),
  at: time("When it came, with milliseconds and `Z`."),
  from: Type.Integer({ description: "The handset: a JSON number." }),
  to: text(
    "The number that it wrote to, in digits: a string. Over RCS the sender of the message that it answers, or the agent's id where it answers none.",
  ),
  rcs: Type.Optional(
    Type.Object(
      {
        type: Type.Enum(["text", "suggestion", "file", "location"], { description: "What the handset sent." }),
      },
      {
        additionalProperties: true,
        description:
          "Of one over RCS: what it is, with the platform's own fields. Of a `suggestion` that was tapped `postbackData` and `text`; of a `file` `payload` and, of some, `thumbnail`, each with `mimeType`, `fileSizeBytes`, `fileName` and `fileUri`; of a `location` `latitude` and `longitude`.",
      },
    ),
  ),
});
export const InboundList = listOf("InboundList", InboundMessage, "In the order that was asked for.");

const account = {
  identifier: uuid("The account."),
  name: text("Its name."),
  credits: Type.Integer({ description: "Its balance." }),
};
const deleted = Type.Boolean({ description: "Whether it is deactivated." });
const ListedAccount = titled("ListedAccount", { ...account, deleted });
export const Accounts = titled("Accounts", {
  accounts: Type.Array(ListedAccount, { description: "All of them, deactivated ones too." }),
});
export const Account = titled("Account", {
  ...account,
  overdraft: Type.Boolean({ description: "Whether its balance may go below zero." }),
  deleted,
});
const LEDGER_KINDS: Record<LedgerKind, string> = {
  topup: "moved from the organization",
  charge: "messages accepted",
  hold: "held for a scheduled batch",
  cancel: "freed by a cancelled batch",
  return: "given back by a deactivated account",
  add: "added by the operator",
};
const LedgerItem = titled("LedgerItem", {
  at: time("When."),
  kind: Type.Enum(Object.keys(LEDGER_KINDS) as LedgerKind[], {
    description: `${Object.entries(LEDGER_KINDS)
      .map(([kind, words]) => `\`${kind}\`: ${words}`)
      .join("; ")}.`,
  }),
  credits: Type.Integer({ description: "How many credits came; negative: went." }),
  balance: Type.Integer({ description: "The account's balance after it." }),
  batch_uuid: orNull(Type.String({ format: "uuid" }), "The batch that it was for."),
});
export const Ledger = listOf("Ledger", LedgerItem, "The newest first.");

export const AccountWebhooks = titled("AccountWebhooks", {
  inbound_url: orNull(Type.String(), "Where messages from handsets go."),
  events_url: orNull(Type.String(), "Where events about the account's endpoints go."),
});
export const NewSecret = titled("NewSecret", {
  identifier: uuid("What the secret is called from now on."),
  secret: Type.String({ pattern: "^whsec_", description: "The secret. It is shown this once." }),
});
const Secret = titled("Secret", { identifier: uuid("The secret."), created_at: time("When it was made.") });
export const Secrets = listOf("Secrets", Secret, "The newest first; two at most.");

const scope = Type.Enum(["send", "read", "admin"], { description: "What it opens." });
const Key = titled("Key", {
  identifier: uuid("The key."),
  name: orNull(Type.String(), "Its name; null: the account's or organization's own, which rotation replaces."),
  scope,
  prefix: orNull(Type.String(), "Its first six characters; null of a key that was made before they were kept."),
  created_at: time("When it was made."),
  last_used_at: orNull(Type.String({ format: "date-time" }), "When it was last used, to about a minute; null: never."),
  expires_at: orNull(Type.String({ format: "date-time" }), "When the grace ends that a rotation left it; else null."),
});
export const Keys = listOf("Keys", Key, "The live ones, the newest first; 100 at most.");
export const Me = titled("Me", {
  kind: Type.Enum(["account", "organization", "operator"], { description: "Whose the key is." }),
  scope,
  account: Type.Optional(
    Type.Object(
      {
        ...account,
        priced: Type.Boolean({ description: "Whether its messages cost credits, one a part." }),
        channels: Type.Array(Type.Enum(CHANNELS), { description: "Those that the server has carriers for." }),
      },
      { description: "The account whose key it is." },
    ),
  ),
  organization: Type.Optional(
    Type.Object(
      {
        identifier: uuid("The organization."),
        name: text("Its name."),
        balance: Type.Optional(
          Type.Integer({ description: "Credits that it has not given to an account; with its own key." }),
        ),
      },
      { description: "The organization whose key it is, its own or an account's." },
    ),
  ),
});

const Sender = titled("Sender", {
  identifier: uuid("The registration."),
  value: text("The sender ID."),
  account: orNull(
    Type.String({ format: "uuid" }),
    "The account whose it is; null: every account of the organization may use it.",
  ),
});
export const Senders = listOf("Senders", Sender, "In the order in which they were registered.");

const Organization = titled("Organization", {
  identifier: uuid("The organization."),
  name: text("Its name."),
  credits: Type.Boolean({ description: "Whether its messages are priced, a credit a part." }),
  balance: Type.Integer({ description: "Credits that it has not given to an account." }),
});
export const Organizations = listOf("Organizations", Organization, "In the order in which they were made.");

export const Erasure = titled("Erasure", {
  messages: count("Messages to the handset that were erased."),
  inbound: count("Messages from it that were deleted."),
  scheduled: count("Messages that were held for later, and are not sent."),
  pending: count("What is under way, or its webhook is: erased as soon as it has ended."),
});

export const Live = titled("Live", { status: Type.Literal("live") });
export const Ready = titled("Ready", {
  status: Type.Literal("ready"),
  warnings: Type.Array(Type.String(), {
    description: "What is wrong although it can accept: that no carrier of this program is up, and why.",
  }),
});
export const AnyText = Type.String({ description: "Text." });
export const OpenApi = Type.Object({ openapi: Type.String() }, { description: "This document." });
