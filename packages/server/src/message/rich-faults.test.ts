import { describe, expect, test } from "vitest";
import type { RichContent } from "./rich-content.ts";
import { richFaults, sizeFault } from "./rich-faults.ts";

const postback = "p";
const url = "https://example.com/a.jpg";
const media = { url, height: "TALL" };
const one = (suggestion: object) => ({ suggestions: [suggestion] });
const event = { calendar: "Note", postback, title: "Dinner", start: "2030-01-31T20:00Z", end: "2030-01-31T22:00Z" };

function pathsOf(rich: object): string[] {
  return richFaults(rich as RichContent).map(({ path }) => path);
}

test.each<[object]>([
  [{ text: "x".repeat(3_072) }],
  [{ text: "😀".repeat(3_072), suggestions: Array(11).fill({ reply: "x".repeat(25), postback: "x".repeat(2_048) }) }],
  [{ card: { media } }],
  [{ card: { title: "x".repeat(200), description: "x".repeat(2_000), media, orientation: "HORIZONTAL" } }],
  [{ carousel: { width: "MEDIUM", cards: Array(10).fill({ media }) } }],
  [{ carousel: { width: "SMALL", cards: Array(2).fill({ media: { ...media, height: "SHORT" } }) } }],
  [{ file: { url, thumbnail: "http://example.com/b.png" } }],
  [one({ location: "Map", latitude: 0, longitude: 0, label: "x", postback })],
  [one(event)],
])("what the platform takes has no fault: %j", (rich) => {
  expect(pathsOf(rich)).toEqual([]);
});

describe.each<[string, [object, string][]]>([
  [
    "what a message shows",
    [
      [{}, ""],
      [{ text: "a", card: { title: "a" } }, "card"],
      [{ card: { title: "a" }, file: { url } }, "file"],
      [{ text: "x".repeat(3_073) }, "text"],
      [{ text: "a\0" }, "text"],
      [{ text: "a\ud800" }, "text"],
      [{ card: {} }, "card"],
      [{ card: { suggestions: [{ reply: "a", postback }] } }, "card"],
      [{ card: { title: "x".repeat(201) } }, "card.title"],
      [{ card: { title: "a", description: "x".repeat(2_001) } }, "card.description"],
      [{ card: { media, orientation: "horizontal" } }, "card"],
      [{ card: { media: { ...media, url: "ftp://example.com/a" } } }, "card.media.url"],
      [{ card: { media: { ...media, thumbnail: "https://example.com/a b" } } }, "card.media.thumbnail"],
      [{ file: { url: `https://example.com/${"x".repeat(2_048)}` } }, "file.url"],
      [{ file: { url: "https://" } }, "file.url"],
      [{ carousel: { width: "small", cards: [{ title: "a" }, { media }] } }, "carousel.cards[1].media.height"],
      [{ carousel: { width: "MEDIUM", cards: [{ title: "a" }, {}] } }, "carousel.cards[1]"],
    ],
  ],
  [
    "a suggestion",
    [
      [one({ postback }), "suggestions[0]"],
      [one({ reply: "a", open: "b", url, postback }), "suggestions[0].open"],
      [one({ reply: "a", url, postback }), "suggestions[0].url"],
      [one({ reply: "x".repeat(26), postback }), "suggestions[0].reply"],
      [one({ reply: "a", postback: "x".repeat(2_049) }), "suggestions[0].postback"],
      [one({ open: "a", postback }), "suggestions[0].url"],
      [one({ open: "a", url: "javascript:alert(1)", postback }), "suggestions[0].url"],
      [one({ dial: "a", postback }), "suggestions[0].number"],
      [one({ dial: "a", number: "0800", postback }), "suggestions[0].number"],
      [one({ location: "a", latitude: 1, postback }), "suggestions[0].longitude"],
      [one({ location: "a", longitude: 1, postback }), "suggestions[0].latitude"],
      [one({ location: "a", latitude: 1, longitude: 1, query: "b", postback }), "suggestions[0].query"],
      [one({ location: "a", label: "b", postback }), "suggestions[0].label"],
      [one({ ...event, title: "x".repeat(101) }), "suggestions[0].title"],
      [one({ ...event, start: "tomorrow" }), "suggestions[0].start"],
      [one({ ...event, end: event.start }), "suggestions[0].end"],
      [one({ ...event, end: "+010000-01-01T00:00Z" }), "suggestions[0].end"],
      [{ card: { title: "a", ...one({ postback }) } }, "card.suggestions[0]"],
      [
        {
          carousel: {
            width: "MEDIUM",
            cards: [{ title: "a" }, { title: "b", ...one({ dial: "a\0", number: "447700900001", postback }) }],
          },
        },
        "carousel.cards[1].suggestions[0].dial",
      ],
    ],
  ],
])("%s", (_, cases) => {
  test.each(cases)("%j has its fault", (rich, path) => {
    expect(pathsOf(rich)).toEqual([path]);
  });
});

test("a message of more than 250 KB, as the platform gets it, is too large", () => {
  const carousel = (letter: string): RichContent => {
    const tap = { reply: letter.repeat(25), postback: letter.repeat(2_048) };
    const card = { title: letter.repeat(200), description: letter.repeat(2_000), suggestions: Array(4).fill(tap) };
    return { carousel: { width: "MEDIUM", cards: Array(10).fill(card) } };
  };
  // Two octets each, and three.
  expect([pathsOf(carousel("ж")), sizeFault(carousel("ж"))]).toEqual([[], null]);
  expect([pathsOf(carousel("字")), sizeFault(carousel("字"))]).toEqual([
    [],
    expect.stringMatching(/^takes \d+ octets/),
  ]);
});
