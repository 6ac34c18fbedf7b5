import Type, { type Static } from "typebox";
import { MAX_VALIDITY } from "../config.ts";

/** The requests' shapes, from which they are validated and the reference is made. */

const strict = { additionalProperties: false };

const Channels = Type.Array(Type.Union([Type.Literal("sms"), Type.Literal("rcs")]), {
  minItems: 1,
  maxItems: 2,
  uniqueItems: true,
  description: "The order in which channels are tried.",
});
const From = Type.Union(
  [
    Type.Object({ type: Type.Literal("custom"), value: Type.String() }, strict),
    Type.Object({ type: Type.Literal("shared") }, strict),
  ],
  { description: "The sender: one of your own, or a number of the platform's pool." },
);
const Identifier = Type.String({ description: "UUID to use as the identifier; unique per account, for good." });
const SendAt = Type.String({ description: "ISO 8601; without an offset it is GMT; seconds may be missing." });
const Callback = Type.String({ minLength: 1, maxLength: 2_048, description: "http(s) URL for the delivery webhook." });
const Validity = Type.Number({
  exclusiveMinimum: 0,
  maximum: MAX_VALIDITY,
  description: "Seconds after which it is no longer worth sending.",
});
const Text = Type.String({
  minLength: 1,
  description: "The text: GSM 7-bit where it fits, else UCS-2; at most 10 parts.",
});
const Msisdn = Type.String({ description: "Mobile number, E.164, with or without +." });

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
  },
  strict,
);
export type MessageBody = Static<typeof Message>;

export const PostMessage = Type.Object(
  {
    messages: Type.Array(Message, { minItems: 1, maxItems: 1_000 }),
    defaults: Type.Optional(Message),
  },
  strict,
);
export type PostMessage = Static<typeof PostMessage>;

export const PostBatch = Type.Object(
  {
    from: Type.String({ description: "The sender." }),
    message: Text,
    destinations: Type.Array(Msisdn, { minItems: 1, maxItems: 100_000 }),
    callback: Type.Optional(Callback),
    id: Type.Optional(Identifier),
    uuid: Type.Optional(Identifier),
    send_at: Type.Optional(SendAt),
    at: Type.Optional(SendAt),
    channel: Type.Optional(Type.Union([Type.Literal("sms"), Type.Literal("rcs")])),
    fallback_channels: Type.Optional(Channels),
    validity: Type.Optional(Validity),
  },
  strict,
);
export type PostBatch = Static<typeof PostBatch>;
