import { describe, expect, test } from "vitest";
import { RULES } from "../../../test/support/rules.ts";
import { Rejected } from "../../runtime/errors.ts";
import { bodyReader } from "../body.ts";
import { readBatch } from "./read-batch.ts";
import { readMessages } from "./read-message.ts";
import { PostBatch, PostMessage } from "./schemas.ts";

const CALLER = { accountId: 1, priced: false };
const readers = {
  messages: bodyReader<PostMessage>(PostMessage, "refuse"),
  batch: bodyReader<PostBatch>(PostBatch, "refuse"),
};

/** The faults for which a body is refused. */
async function faultsOf(form: keyof typeof readers, given: object): Promise<Rejected["faults"]> {
  // A reader takes what is faulty out of what it reads.
  const body = structuredClone(given);
  try {
    if (form === "batch") await readBatch(readers.batch.read(body), CALLER, false, RULES, Date.now());
    else readMessages(readers.messages.read(body), CALLER, RULES, Date.now());
  } catch (error) {
    if (error instanceof Rejected) return error.faults;
    throw error;
  }
  return [];
}

describe("what is at fault in rich content is named by its path", () => {
  const BOTH = ["rcs", "sms"];
  const rcs = { text: "Hi" };
  const to = "447700900123";
  const message = { from: { type: "custom", value: "MyShop" }, to, body: "x", channels: BOTH };
  const tap = { reply: "Yes", postback: "yes" };

  test.each<[string, object, string, string]>([
    ["no channel but SMS", { channels: ["sms"], rcs }, "rcs", "needs rcs among the channels"],
    ["no channels at all", { channels: undefined, rcs }, "rcs", "needs rcs among the channels"],
    ["no content", { rcs: {} }, "rcs", "needs one of text, card, carousel, file, or suggestions"],
    ["null", { rcs: null }, "rcs", "must be an object"],
    ["a list", { rcs: [] }, "rcs", "must be an object"],
    ["an unknown field", { rcs: { text: "x", buttons: [] } }, "rcs.buttons", "is not known here"],
    ["two contents", { rcs: { text: "x", file: { url: "https://example.com/" } } }, "rcs.file", "stands beside text"],
    ["a long text", { rcs: { text: "x".repeat(3_073) } }, "rcs.text", "must have at most 3072 characters"],
    ["an empty text", { rcs: { text: "" } }, "rcs.text", "must not be empty"],
    ["a list of nothing", { rcs: { text: "x", suggestions: [] } }, "rcs.suggestions", "must not be empty"],
    [
      "12 suggestions",
      { rcs: { text: "x", suggestions: Array(12).fill(tap) } },
      "rcs.suggestions",
      "at most 11 entries",
    ],
    [
      "five on a card",
      { rcs: { card: { title: "x", suggestions: Array(5).fill(tap) } } },
      "rcs.card.suggestions",
      "at most 4 entries",
    ],
    [
      "a tap without a postback",
      { rcs: { suggestions: [{ reply: "x" }] } },
      "rcs.suggestions[0].postback",
      "is required",
    ],
    [
      "one card",
      { rcs: { carousel: { width: "SMALL", cards: [{ title: "x" }] } } },
      "rcs.carousel.cards",
      "must have at least 2 entries",
    ],
    [
      "eleven",
      { rcs: { carousel: { width: "SMALL", cards: Array(11).fill({ title: "x" }) } } },
      "rcs.carousel.cards",
      "at most 10 entries",
    ],
    [
      "a wide carousel",
      { rcs: { carousel: { width: "LARGE", cards: Array(2).fill({ title: "x" }) } } },
      "rcs.carousel.width",
      "must be one of SMALL, MEDIUM",
    ],
    [
      "a carousel's orientation",
      { rcs: { carousel: { width: "SMALL", cards: [{ title: "x" }, { title: "x", orientation: "VERTICAL" }] } } },
      "rcs.carousel.cards[1].orientation",
      "is not known here",
    ],
    [
      "media without a height",
      { rcs: { card: { media: { url: "https://example.com/" } } } },
      "rcs.card.media.height",
      "is required",
    ],
    ["a wrong URL", { rcs: { file: { url: "data:text/plain,x" } } }, "rcs.file.url", "must be an http or https URL"],
    [
      "a point off the globe",
      { rcs: { suggestions: [{ location: "x", latitude: 91, longitude: 0, postback: "x" }] } },
      "rcs.suggestions[0].latitude",
      "must be at most 90",
    ],
  ])("%s", async (_, extra, path, reason) => {
    const { channels, ...rest } = { channels: BOTH, ...extra } as { channels: string[] | undefined };
    const [channel, ...fallback_channels] = channels ?? [];
    const plan = {
      ...(channel === undefined ? {} : { channel }),
      ...(fallback_channels.length > 0 ? { fallback_channels } : {}),
    };
    const wrong = { ...message, ...extra };
    const [own, inherited, ofBatch] = [
      await faultsOf("messages", { messages: [{ ...message, body: "y" }, wrong] }),
      await faultsOf("messages", { defaults: wrong, messages: [{}, {}] }),
      await faultsOf("batch", { from: "MyShop", message: "x", destinations: [to], ...plan, ...rest }),
    ];
    const says = expect.stringContaining(reason);
    expect({ own, inherited, ofBatch }).toEqual({
      own: [{ path: `messages[1].${path}`, message: says }],
      inherited: [{ path: `defaults.${path}`, message: says }],
      ofBatch: [{ path, message: says }],
    });
  });

  test("more than a request may take from its defaults", async () => {
    const card = { title: "x", description: "x".repeat(2_000) };
    const defaults = { ...message, rcs: { carousel: { width: "MEDIUM", cards: Array(10).fill(card) } } };
    const faults = await faultsOf("messages", { defaults, messages: Array.from({ length: 500 }, () => ({})) });
    expect(faults.map(({ path }) => path)).toEqual(["defaults.rcs"]);
  });
});
