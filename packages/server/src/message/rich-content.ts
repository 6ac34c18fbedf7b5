/**
 * Rich content: what RCS shows in place of a message's text, as a caller writes it. One of text, card, carousel and file;
 * suggestions alone go with the message's own text.
 */
export interface RichContent {
  text?: string;
  card?: RichCard;
  carousel?: { width: string; cards: RichCard[] };
  file?: RichFile;
  suggestions?: Suggestion[];
}

export interface RichFile {
  url: string;
  /** The URL of a picture that is shown before the file is there. */
  thumbnail?: string;
}

export interface RichCard {
  title?: string;
  description?: string;
  media?: RichFile & { height: string };
  suggestions?: Suggestion[];
  /** Only of a card that stands alone. */
  orientation?: string;
}

/** Something to tap; the field of its kind has the words on it. */
export interface Suggestion extends Partial<Record<SuggestionKind, string>> {
  /** Comes back when it is tapped. */
  postback: string;
  url?: string;
  number?: string;
  latitude?: number;
  longitude?: number;
  label?: string;
  query?: string;
  title?: string;
  start?: string;
  end?: string;
  description?: string;
}

export const SUGGESTION_KINDS = ["reply", "open", "dial", "location", "calendar"] as const;
export type SuggestionKind = (typeof SUGGESTION_KINDS)[number];

/** In either case: the platform's own are upper case. */
export const CARD_WIDTHS = ["SMALL", "MEDIUM", "small", "medium"];
export const MEDIA_HEIGHTS = ["SHORT", "MEDIUM", "TALL", "short", "medium", "tall"];
export const ORIENTATIONS = ["VERTICAL", "HORIZONTAL", "vertical", "horizontal"];

/**
 * Limits of Google's RCS Business Messaging, in characters and entries: AgentMessage, CardContent, CarouselCard, Suggestion
 * and the actions of REST resource phones.agentMessages
 * (https://developers.google.com/business-communications/rcs-business-messaging/reference/rest/v1/phones.agentMessages, read
 * on 2026-11-29). It has no limit for a URL, a pin's label and a search; theirs are of AWS's form of the same API
 * (https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-rcs.html, …/rcs-suggestions.html, the same day).
 */
export const RICH_LIMITS = {
  text: 3_072,
  suggestions: 11,
  suggestionText: 25,
  postback: 2_048,
  url: 2_048,
  label: 100,
  query: 200,
  eventTitle: 100,
  eventDescription: 500,
  cardTitle: 200,
  cardDescription: 2_000,
  cardSuggestions: 4,
  leastCards: 2,
  cards: 10,
  /** Octets of the whole message, as JSON: 250 KB (guide "Send messages"). */
  octets: 250_000,
} as const;
