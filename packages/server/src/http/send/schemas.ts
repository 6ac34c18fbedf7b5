import Type, { type Static } from "typebox";
import { MAX_VALIDITY } from "../../config/config.ts";
import { LARGEST_BATCH } from "../../message/batches-of.ts";
import { LONGEST_ADDRESS } from "../../message/sender-id.ts";
import { MOST_TLVS, TLV_HEX, TLV_TAG } from "../../message/tlvs.ts";
import { MAX_CALLBACK_URL } from "../../network/url.ts";
import { read } from "../field-rules.ts";
import { RichContent } from "./rich-schema.ts";

/** The bodies of requests that send: routes validate by them, and the reference is made from them. */

const strict = { additionalProperties: false };

const Channels = Type.Array(Type.Union([Type.Literal("sms"), Type.Literal("rcs")]), {
  minItems: 1,
  maxItems: 2,
  description:
    "Each at most once. The order in which channels are tried: the next one where one fails, has not delivered in time (`messages.fallbackAfter`), or, of rcs, where the handset has no RCS or no carrier here serves it (one of them must be served). By RCS the handset sees the agent as the sender, not `from`. Default: sms alone.",
});
const SenderId = read("sender", {
  description: `1 to 11 characters of the GSM alphabet with a letter and no blanks at its ends or side by side, which the ${LONGEST_ADDRESS} octets of an SMPP address can hold (€ takes two), or 3 to 15 digits; a + in front is dropped.`,
});
const From = Type.Union(
  [
    Type.Object({ type: Type.Literal("custom"), value: SenderId }, { ...strict, title: "CustomSender" }),
    Type.Object({ type: Type.Literal("shared") }, { ...strict, title: "SharedSender" }),
  ],
  { description: "The sender: one of your own, or a number of the platform's pool." },
);
const Identifier = read("uuid", {
  description:
    "UUID to use as the identifier; unique per account, for good. Used before: 409. Given twice in one request: 400.",
});
const SendAt = read("time", {
  description:
    "When to send, ISO 8601; without an offset it is GMT; seconds may be missing. Held for it where it is more than five minutes ahead; sent at once where it is nearer or past.",
});
const Callback = read("url", {
  minLength: 1,
  maxLength: MAX_CALLBACK_URL,
  description: "http(s) URL for the delivery webhook.",
});
const Validity = Type.Number({
  exclusiveMinimum: 0,
  maximum: MAX_VALIDITY,
  description: "Seconds after which it is no longer worth sending.",
});
const Text = read("text", {
  minLength: 1,
  description: "The text: GSM 7-bit where it fits, else UCS-2; at most 10 parts.",
});
const Tlvs = Type.Record(
  Type.String({ pattern: TLV_TAG }),
  Type.Union([Type.String({ minLength: 1 }), Type.Object({ hex: Type.String({ pattern: TLV_HEX }) }, strict)]),
  {
    ...strict,
    maxProperties: MOST_TLVS,
    description:
      'Optional parameters (TLVs) for SMPP carriers that ask for them per message: by tag, `0x1401` and the like, a text (its octets are its UTF-8) or `{"hex": "00ff"}`; at most 255 octets each. They take the place of the carrier\'s own of the same tag, and go by no other channel than SMS.',
  },
);
const Msisdn = read("msisdn", { description: "Mobile number, E.164, with or without +." });

const Message = Type.Object(
  {
    from: Type.Optional(From),
    to: Type.Optional(Msisdn),
    body: Type.Optional(Text),
    callback: Type.Optional(Callback),
    channels: Type.Optional(Channels),
    id: Type.Optional(Identifier),
    send_at: Type.Optional(SendAt),
    validity: Type.Optional(Validity),
    tlvs: Type.Optional(Tlvs),
    rcs: Type.Optional(RichContent),
  },
  { ...strict, title: "Message" },
);
export type MessageBody = Static<typeof Message>;

export const PostMessage = Type.Object(
  {
    messages: Type.Array(Message, {
      minItems: 1,
      maxItems: 1_000,
      description: "The messages, in the answer's order.",
    }),
    defaults: Type.Optional({ ...Message, description: "What a message leaves out is taken from here, whole." }),
  },
  { ...strict, title: "MessageRequest" },
);
export type PostMessage = Static<typeof PostMessage>;

export const PostBatch = Type.Object(
  {
    from: SenderId,
    message: Text,
    destinations: Type.Array(Msisdn, {
      minItems: 1,
      maxItems: LARGEST_BATCH,
      description: "The handsets; one that is there twice is sent to once.",
    }),
    callback: Type.Optional(Callback),
    id: Type.Optional(Identifier),
    uuid: Type.Optional({ ...Identifier, description: "Another spelling of id." }),
    send_at: Type.Optional(SendAt),
    at: Type.Optional({ ...SendAt, description: "Another spelling of send_at." }),
    channel: Type.Optional(
      Type.Union([Type.Literal("sms"), Type.Literal("rcs")], {
        description: "The first channel; sms where none is named.",
      }),
    ),
    fallback_channels: Type.Optional({
      ...Channels,
      minItems: 0,
      description: "The channels that are tried after it, in order; none of them `channel` again.",
    }),
    validity: Type.Optional(Validity),
    tlvs: Type.Optional(Tlvs),
    rcs: Type.Optional(RichContent),
  },
  { ...strict, title: "BatchRequest" },
);
export type PostBatch = Static<typeof PostBatch>;
