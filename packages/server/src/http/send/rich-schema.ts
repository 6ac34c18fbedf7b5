import Type from "typebox";
import { CARD_WIDTHS, MEDIA_HEIGHTS, ORIENTATIONS, RICH_LIMITS } from "../../message/rich-content.ts";
import { read } from "../field-rules.ts";

/**
 * The shape of `rcs`; message/rich-faults.ts has the rules between its fields, which as unions of objects would be faults
 * of every branch.
 */
const strict = { additionalProperties: false };

const text = (maxLength: number, description: string) => read("text", { minLength: 1, maxLength, description });
const url = (description: string) => read("url", { minLength: 1, maxLength: RICH_LIMITS.url, description });
const time = (description: string) => read("time", { description });
const optional = Type.Optional;

const Suggestion = Type.Object(
  {
    reply: optional(text(RICH_LIMITS.suggestionText, "The words on it, of a reply: the tap sends them as an answer.")),
    open: optional(text(RICH_LIMITS.suggestionText, "The words on it: the tap opens `url`.")),
    dial: optional(text(RICH_LIMITS.suggestionText, "The words on it: the tap dials `number`.")),
    location: optional(
      text(
        RICH_LIMITS.suggestionText,
        "The words on it: the tap shows the point of `latitude` and `longitude` or what `query` finds on a map; with none of them it asks for the handset's own location.",
      ),
    ),
    calendar: optional(
      text(RICH_LIMITS.suggestionText, "The words on it: the tap enters `title`, `start` and `end` in the calendar."),
    ),
    postback: text(
      RICH_LIMITS.postback,
      "What its inbound webhook has as `postbackData`; the handset shows none of it.",
    ),
    url: optional(url("Of `open`: the http(s) URL.")),
    number: optional(read("msisdn", { description: "Of `dial`: a number in E.164, with or without +." })),
    latitude: optional(Type.Number({ minimum: -90, maximum: 90, description: "Of `location`, in degrees." })),
    longitude: optional(Type.Number({ minimum: -180, maximum: 180, description: "Of `location`, in degrees." })),
    label: optional(text(RICH_LIMITS.label, "Of `location`: the words at the point.")),
    query: optional(
      text(RICH_LIMITS.query, "Of `location`: what to search for near the handset, in place of a point."),
    ),
    title: optional(text(RICH_LIMITS.eventTitle, "Of `calendar`: the title of the event.")),
    start: optional(time("Of `calendar`: ISO 8601; without an offset it is GMT.")),
    end: optional(time("Of `calendar`: after `start`.")),
    description: optional(text(RICH_LIMITS.eventDescription, "Of `calendar`: more about the event.")),
  },
  {
    ...strict,
    title: "Suggestion",
    description:
      "Something to tap: one of `reply`, `open`, `dial`, `location` and `calendar`, with the fields of its kind.",
  },
);
const suggestions = (maxItems: number, where: string) =>
  optional(Type.Array(Suggestion, { minItems: 1, maxItems, description: `What to tap ${where}.` }));

const file = {
  url: url("A public http(s) URL, which the platform fetches. Pictures, videos, sound and PDF; at most 100 MB."),
  thumbnail: optional(url("A public URL of a picture of at most 100 kB, shown until the file is there.")),
};
const card = {
  title: optional(text(RICH_LIMITS.cardTitle, "The line in bold.")),
  description: optional(text(RICH_LIMITS.cardDescription, "The text under it.")),
  media: optional(
    Type.Object(
      {
        ...file,
        height: Type.Enum(MEDIA_HEIGHTS, {
          description: "112, 168 or 264 dp. TALL is not for carousels that are SMALL. A HORIZONTAL card ignores it.",
        }),
      },
      { ...strict, description: "A picture, GIF or video." },
    ),
  ),
  suggestions: suggestions(RICH_LIMITS.cardSuggestions, "on the card"),
};
const needs = "A title, a description or media is needed.";

export const RichContent = Type.Object(
  {
    text: optional(text(RICH_LIMITS.text, "A text in place of `body`.")),
    card: optional(
      Type.Object(
        {
          ...card,
          orientation: optional(
            Type.Enum(ORIENTATIONS, { description: "Media above the text, or beside it. Default: VERTICAL." }),
          ),
        },
        { ...strict, description: `A card. ${needs}` },
      ),
    ),
    carousel: optional(
      Type.Object(
        {
          width: Type.Enum(CARD_WIDTHS, { description: "120 or 232 dp a card." }),
          cards: Type.Array(Type.Object(card, { ...strict, description: needs }), {
            minItems: RICH_LIMITS.leastCards,
            maxItems: RICH_LIMITS.cards,
          }),
        },
        { ...strict, description: "Cards side by side." },
      ),
    ),
    file: optional(Type.Object(file, { ...strict, description: "A file by itself." })),
    suggestions: suggestions(RICH_LIMITS.suggestions, "under the message, while it is the latest"),
  },
  {
    ...strict,
    title: "RichContent",
    description:
      "What RCS shows in place of the text, which stays that of the SMS: one of `text`, `card`, `carousel` and `file`, and `suggestions`; with suggestions alone the text itself. `rcs` must be among the channels. The limits are those of Google's RCS Business Messaging, and 250,000 octets in all.",
  },
);
