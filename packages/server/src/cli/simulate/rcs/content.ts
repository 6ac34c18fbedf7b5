import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";

/**
 * AgentMessage as the platform takes it, with its limits: REST resource phones.agentMessages
 * (https://developers.google.com/business-communications/rcs-business-messaging/reference/rest/v1/phones.agentMessages, read
 * on 2026-11-29). Written for itself, so that what the program sends is held to another reading of that page than its own.
 */
const strict = { additionalProperties: false };
const optional = Type.Optional;
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const url = Type.String({ pattern: "^https?://[^\\s]+$" });
const timestamp = Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$" });
const e164 = Type.String({ pattern: "^\\+[1-9]\\d{1,14}$" });

/** SuggestedReply, SuggestedAction: one of its actions. */
const shown = { text: text(25), postbackData: text(2_048) };
const action = <Name extends string, Fields extends Type.TProperties>(name: Name, fields: Fields) =>
  Type.Object({ action: Type.Object({ ...shown, [name]: Type.Object(fields, strict) }, strict) }, strict);
const Suggestion = Type.Union([
  Type.Object({ reply: Type.Object(shown, strict) }, strict),
  action("openUrlAction", { url }),
  action("dialAction", { phoneNumber: e164 }),
  action("viewLocationAction", {
    latLong: optional(Type.Object({ latitude: Type.Number(), longitude: Type.Number() }, strict)),
    label: optional(Type.String()),
    query: optional(Type.String()),
  }),
  action("shareLocationAction", {}),
  action("createCalendarEventAction", {
    startTime: timestamp,
    endTime: timestamp,
    title: text(100),
    description: optional(text(500)),
  }),
]);

const ContentInfo = Type.Object({ fileUrl: url, thumbnailUrl: optional(url) }, strict);
const CardContent = Type.Object(
  {
    title: optional(text(200)),
    description: optional(text(2_000)),
    media: optional(Type.Object({ height: Type.Enum(["SHORT", "MEDIUM", "TALL"]), contentInfo: ContentInfo }, strict)),
    suggestions: optional(Type.Array(Suggestion, { maxItems: 4 })),
  },
  strict,
);
const StandaloneCard = Type.Object(
  {
    cardOrientation: Type.Enum(["HORIZONTAL", "VERTICAL"]),
    thumbnailImageAlignment: optional(Type.Enum(["LEFT", "RIGHT"])),
    cardContent: CardContent,
  },
  strict,
);
const CarouselCard = Type.Object(
  {
    cardWidth: Type.Enum(["SMALL", "MEDIUM"]),
    cardContents: Type.Array(CardContent, { minItems: 2, maxItems: 10 }),
  },
  strict,
);

/** AgentContentMessage: one of the union's fields. */
const suggestions = optional(Type.Array(Suggestion, { maxItems: 11 }));
const Content = Type.Union([
  Type.Object({ text: text(3_072), suggestions }, strict),
  Type.Object({ contentInfo: ContentInfo, suggestions }, strict),
  Type.Object({ richCard: Type.Object({ standaloneCard: StandaloneCard }, strict), suggestions }, strict),
  Type.Object({ richCard: Type.Object({ carouselCard: CarouselCard }, strict), suggestions }, strict),
]);
const AgentMessage = Type.Object(
  { contentMessage: Content, ttl: optional(Type.String({ pattern: "^\\d+(\\.\\d{1,9})?s$" })) },
  strict,
);
export type AgentMessageBody = Static<typeof AgentMessage>;
export type Suggestion = Static<typeof Suggestion>;
export type CardContent = Static<typeof CardContent>;

/** 250 KB, of the whole AgentMessage as JSON (guide "Send messages", read the same day). */
const MOST_OCTETS = 250 * 1_024;

const check = Compile(AgentMessage);

/** The message; or why the platform answers 400 INVALID_ARGUMENT. */
export function readAgentMessage(json: string): AgentMessageBody | { fault: string } {
  if (Buffer.byteLength(json) > MOST_OCTETS) return { fault: `The message is larger than ${MOST_OCTETS} bytes.` };
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { fault: "The body is no JSON." };
  }
  if (!check.Check(value)) {
    const [first] = check.Errors(value);
    return { fault: `Invalid value at '${first?.instancePath ?? ""}': ${first?.message ?? "it is unknown"}.` };
  }
  const body = value as AgentMessageBody;
  const { contentMessage } = body;
  if (!("richCard" in contentMessage) || !("carouselCard" in contentMessage.richCard)) return body;
  const { cardWidth, cardContents } = contentMessage.richCard.carouselCard;
  // By CardWidth and Media.Height.
  const isTall = cardContents.some(({ media }) => media?.height === "TALL");
  return cardWidth === "SMALL" && isTall ? { fault: "Tall media cannot be used in a SMALL carousel." } : body;
}
