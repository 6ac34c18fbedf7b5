import { parseIsoTime } from "./iso-time.ts";
import type { RichCard, RichContent, RichFile, Suggestion } from "./rich-content.ts";

/**
 * AgentContentMessage of RCS Business Messaging
 * (https://developers.google.com/business-communications/rcs-business-messaging/reference/rest/v1/phones.agentMessages).
 * @param body the message's text, where its rich content is suggestions alone
 */
export function agentContent(rich: RichContent, body: string): object {
  return { ...shownBy(rich, body), ...suggested(rich.suggestions) };
}

function shownBy({ text, card, carousel, file }: RichContent, body: string): object {
  if (card !== undefined) return { richCard: { standaloneCard: standaloneCard(card) } };
  if (carousel !== undefined) {
    const { width, cards } = carousel;
    return { richCard: { carouselCard: { cardWidth: width.toUpperCase(), cardContents: cards.map(cardContent) } } };
  }
  if (file !== undefined) return { contentInfo: contentInfo(file) };
  return { text: text ?? body };
}

/** `thumbnailImageAlignment` is read in a horizontal card alone. */
function standaloneCard(card: RichCard): object {
  const cardOrientation = card.orientation?.toUpperCase() ?? "VERTICAL";
  const side = cardOrientation === "HORIZONTAL" ? { thumbnailImageAlignment: "LEFT" } : {};
  return { cardOrientation, ...side, cardContent: cardContent(card) };
}

function cardContent({ title, description, media, suggestions }: RichCard): object {
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(media === undefined ? {} : { media: { height: media.height.toUpperCase(), contentInfo: contentInfo(media) } }),
    ...suggested(suggestions),
  };
}

function contentInfo({ url, thumbnail }: RichFile): object {
  return { fileUrl: url, ...(thumbnail === undefined ? {} : { thumbnailUrl: thumbnail }) };
}

function suggested(suggestions: readonly Suggestion[] | undefined): object {
  return suggestions === undefined ? {} : { suggestions: suggestions.map(suggestion) };
}

function suggestion(one: Suggestion): object {
  const { reply, postback: postbackData } = one;
  if (reply !== undefined) return { reply: { text: reply, postbackData } };
  const text = one.open ?? one.dial ?? one.location ?? one.calendar;
  return { action: { text, postbackData, ...action(one) } };
}

function action({ open, url, dial, number, calendar, title, start, end, description, ...place }: Suggestion): object {
  if (open !== undefined) return { openUrlAction: { url } };
  if (dial !== undefined) return { dialAction: { phoneNumber: `+${number?.replace("+", "")}` } };
  if (calendar !== undefined) {
    const about = description === undefined ? {} : { description };
    const event = { startTime: timestamp(start), endTime: timestamp(end), title, ...about };
    return { createCalendarEventAction: event };
  }
  const { latitude, longitude, label, query } = place;
  if (query !== undefined) return { viewLocationAction: { query } };
  if (latitude === undefined) return { shareLocationAction: {} };
  const pin = label === undefined ? {} : { label };
  return { viewLocationAction: { latLong: { latitude, longitude }, ...pin } };
}

/** A Timestamp of protobuf's JSON. */
function timestamp(time: string | undefined): string {
  return new Date(parseIsoTime(time ?? "") ?? 0).toISOString();
}
