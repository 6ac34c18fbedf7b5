import type { InboundMessage } from "@messaging-plus/sdk";
import { expect, test } from "vitest";
import { inboundWords } from "./inbound-words.ts";

test.each<[rcs: object | undefined, words: string]>([
  [undefined, "Hi"],
  [{ type: "suggestion", postbackData: "x" }, "Hi"],
  [
    { type: "file", payload: { fileName: "a.png", mimeType: "image/png", fileUri: "https://example.com/a" } },
    "File: a.png (image/png), https://example.com/a",
  ],
  [{ type: "file" }, "File: – (–), –"],
  [{ type: "file", payload: { fileName: { toString: 1 }, mimeType: null } }, 'File: {"toString":1} (null), –'],
  [{ type: "location", latitude: 51.5, longitude: { toString: 1 } }, 'Location: 51.5, {"toString":1}'],
])("an answer of a handset is shown, whatever its fields: %j", (rcs, words) => {
  expect(inboundWords({ message: "Hi", rcs } as InboundMessage)).toBe(words);
});
