import fc from "fast-check";
import { expect, test } from "vitest";
import { RULES } from "../../../test/support/rules.ts";
import { agentContent } from "../../message/agent-content.ts";
import type { RichContent } from "../../message/rich-content.ts";
import { Rejected } from "../../runtime/errors.ts";
import { bodyReader, parseBody } from "../body.ts";
import { readMessages } from "./read-message.ts";
import { PostMessage } from "./schemas.ts";

/** Values of the right kind now and then, at any place. */
const leaf = fc.oneof(
  fc.constantFrom("x", "SMALL", "TALL", "HORIZONTAL", "https://example.com/a", "+447700900123", "2030-01-31T09:30Z"),
  fc.constantFrom<unknown>(0, -1, 1e308, null, true, "", "\0", "\ud800", "x".repeat(3_000), [], {}),
  fc.anything(),
);
const names = ["text", "card", "carousel", "file", "suggestions", "width", "cards", "title", "description", "media"];
const more = ["url", "height", "thumbnail", "orientation", "reply", "open", "dial", "location", "calendar", "postback"];
const rest = ["number", "latitude", "longitude", "label", "query", "start", "end", "__proto__", "toString"];
const name = fc.constantFrom(...names, ...more, ...rest);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: "medium" },
    leaf,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(name, tie("tree"), { maxKeys: 5 }),
  ),
}));
/** Right content of every kind, with one part of it replaced. */
const media = { url: "https://example.com/a.jpg", height: "SHORT" };
const tap = { reply: "x", postback: "x" };
const event = { calendar: "x", title: "x", start: "2030-01-31T09:30Z", end: "2030-01-31T10:30Z", postback: "x" };
const RIGHT: unknown[] = [
  { text: "x", suggestions: [tap, { open: "x", url: media.url, postback: "x" }, event] },
  { card: { title: "x", media, suggestions: [{ location: "x", latitude: 1, longitude: 1, postback: "x" }] } },
  { carousel: { width: "SMALL", cards: [{ title: "x" }, { media, suggestions: [tap] }] } },
  { file: { url: media.url } },
];
const mangled = fc.constantFrom(...RIGHT).chain((right) => {
  const places = placesIn(right);
  return fc.tuple(fc.constantFrom(...places), tree).map(([place, value]) => replaced(right, place, value));
});

function placesIn(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner).map((place) => [key, ...place]))];
}

function replaced(value: unknown, [first, ...steps]: string[], by: unknown): unknown {
  if (first === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[first] = replaced(copy[first], steps, by);
  return copy;
}

test.each(["refuse", "ignore"] as const)(
  "rich content of any shape is taken, or refused by its path (%s)",
  (unknownFields) => {
    const reader = bodyReader<PostMessage>(PostMessage, unknownFields);
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(fc.oneof(mangled, tree), (rcs) => {
        const message = {
          from: { type: "custom", value: "MyShop" },
          to: "447700900123",
          body: "x",
          channels: ["rcs"],
          rcs,
        };
        const raw = Buffer.from(JSON.stringify({ messages: [message] }) ?? "");
        try {
          const { acceptance } = readMessages(
            reader.read(parseBody(raw, undefined)),
            { accountId: 1, priced: false },
            RULES,
            Date.now(),
          );
          const { rich } = acceptance.messages[0]!;
          if (rich === undefined) return;
          taken++;
          // The platform takes no null.
          JSON.stringify(agentContent(JSON.parse(rich) as RichContent, "x"), (_, value: unknown) => {
            if (value === null) throw new Error(`null came of ${rich}`);
            return value;
          });
        } catch (error) {
          if (!(error instanceof Rejected)) throw error;
          refused++;
          for (const { path } of error.faults) expect(path).toMatch(/^messages\[0\]\.rcs/);
          expect(error.faults.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(20);
  },
);
