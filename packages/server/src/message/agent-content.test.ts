import { expect, test } from "vitest";
import { agentContent } from "./agent-content.ts";
import type { RichContent } from "./rich-content.ts";

const media = { url: "https://example.com/a.jpg", height: "tall", thumbnail: "https://example.com/a-small.jpg" };
const contentInfo = { fileUrl: media.url, thumbnailUrl: media.thumbnail };
const reply = { reply: "Yes", postback: "yes" };
const ofReply = { reply: { text: "Yes", postbackData: "yes" } };

test.each<[string, RichContent, object]>([
  ["nothing", {}, { text: "Hello" }],
  ["a text", { text: "Hi" }, { text: "Hi" }],
  ["suggestions alone", { suggestions: [reply] }, { text: "Hello", suggestions: [ofReply] }],
  ["a file", { file: { url: "https://example.com/a.pdf" } }, { contentInfo: { fileUrl: "https://example.com/a.pdf" } }],
  [
    "a card",
    { card: { title: "A", description: "b", media, suggestions: [reply] } },
    {
      richCard: {
        standaloneCard: {
          cardOrientation: "VERTICAL",
          cardContent: { title: "A", description: "b", media: { height: "TALL", contentInfo }, suggestions: [ofReply] },
        },
      },
    },
  ],
  [
    "a horizontal card",
    { card: { title: "A", orientation: "horizontal" } },
    {
      richCard: {
        standaloneCard: {
          cardOrientation: "HORIZONTAL",
          thumbnailImageAlignment: "LEFT",
          cardContent: { title: "A" },
        },
      },
    },
  ],
  [
    "a carousel",
    { carousel: { width: "small", cards: [{ title: "A" }, { media }] }, suggestions: [reply] },
    {
      richCard: {
        carouselCard: {
          cardWidth: "SMALL",
          cardContents: [{ title: "A" }, { media: { height: "TALL", contentInfo } }],
        },
      },
      suggestions: [ofReply],
    },
  ],
])("%s becomes the platform's content", (_, rich, content) => {
  expect(agentContent(rich, "Hello")).toEqual(content);
});

test.each<[Record<string, unknown>, object]>([
  [{ open: "Look", url: "https://example.com/" }, { openUrlAction: { url: "https://example.com/" } }],
  [{ dial: "Call", number: "+447700900001" }, { dialAction: { phoneNumber: "+447700900001" } }],
  [{ dial: "Call", number: "447700900001" }, { dialAction: { phoneNumber: "+447700900001" } }],
  [{ location: "Send" }, { shareLocationAction: {} }],
  [{ location: "Map", query: "bank" }, { viewLocationAction: { query: "bank" } }],
  [
    { location: "Map", latitude: 0, longitude: -0.5, label: "Here" },
    { viewLocationAction: { latLong: { latitude: 0, longitude: -0.5 }, label: "Here" } },
  ],
  [
    { calendar: "Note", title: "Dinner", start: "2030-01-31T20:00+01:00", end: "2030-01-31T22:00Z", description: "d" },
    {
      createCalendarEventAction: {
        startTime: "2030-01-31T19:00:00.000Z",
        endTime: "2030-01-31T22:00:00.000Z",
        title: "Dinner",
        description: "d",
      },
    },
  ],
])("%j becomes the platform's action", (suggestion, action) => {
  const rich = { suggestions: [{ ...suggestion, postback: "p" }] } as RichContent;
  const text = Object.values(suggestion)[0];
  expect(agentContent(rich, "")).toEqual({
    text: "",
    suggestions: [{ action: { text, postbackData: "p", ...action } }],
  });
});
