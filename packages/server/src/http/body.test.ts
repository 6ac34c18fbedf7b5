import { expect, test } from "vitest";
import { Rejected } from "../runtime/errors.ts";
import { bodyReader } from "./body.ts";
import { PostBatch, PostMessage } from "./send/schemas.ts";

const readers = {
  messages: bodyReader<PostMessage>(PostMessage, "refuse"),
  batch: bodyReader<PostBatch>(PostBatch, "refuse"),
  lenient: bodyReader<PostMessage>(PostMessage, "ignore"),
};

function faultsOf(reader: keyof typeof readers, body: unknown): readonly { path: string; message: string }[] {
  try {
    return readers[reader].read(body).faults;
  } catch (error) {
    if (error instanceof Rejected) return error.faults;
    throw error;
  }
}

const many = (length: number, entry: unknown) => Array.from({ length }, () => entry);

test.each<[string, keyof typeof readers, unknown, string, string]>([
  ["messages", "messages", { messages: many(1_001, {}) }, "messages", "must have at most 1000 entries"],
  [
    "messages, where unknown fields are ignored",
    "lenient",
    { messages: many(1_001, 0) },
    "messages",
    "must have at most 1000 entries",
  ],
  [
    "channels",
    "messages",
    { messages: [{ channels: many(3, "sms") }] },
    "messages[0].channels",
    "must have at most 2 entries",
  ],
  [
    "channels of defaults",
    "messages",
    { messages: [{}], defaults: { channels: many(3, []) } },
    "defaults.channels",
    "must have at most 2 entries",
  ],
  ["destinations", "batch", { destinations: many(100_001, []) }, "destinations", "must have at most 100000 entries"],
  [
    "fallback channels",
    "batch",
    { destinations: ["1"], fallback_channels: many(3, {}) },
    "fallback_channels",
    "must have at most 2 entries",
  ],
])("a list of %s beyond its bound is the one fault, whatever its entries", (_list, reader, body, path, message) => {
  expect(faultsOf(reader, body)).toEqual([{ path, message }]);
});

test("of many lists that are too long the first hundred are named", () => {
  const faults = faultsOf("messages", { messages: many(1_000, { channels: many(3, "sms") }) });
  expect(faults).toHaveLength(100);
  expect(faults[99]?.path).toBe("messages[99].channels");
});

test("an object with more fields than any request has is the one fault", () => {
  const crowd = Object.fromEntries(many(10_001, 0).map((_, index) => [`field${index}`, 0]));
  const one = [{ path: "messages[0].from", message: "has more than 10000 fields" }];
  expect(faultsOf("messages", { messages: [{ from: crowd }] })).toEqual(one);
  expect(faultsOf("lenient", { messages: [{ from: crowd }] })).toEqual(one);
  expect(faultsOf("batch", crowd)).toEqual([{ path: "", message: "has more than 10000 fields" }]);
});

test("no keyword of a schema compares entries of a list with each other", () => {
  expect(JSON.stringify([PostMessage, PostBatch])).not.toContain("uniqueItems");
});
