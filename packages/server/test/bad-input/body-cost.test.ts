import { beforeAll, expect, test } from "vitest";
import { type BodyReader, bodyReader, parseBody } from "../../src/http/body.ts";
import { MOST_VALUES } from "../../src/http/body-shape.ts";
import { readBatch } from "../../src/http/send/read-batch.ts";
import { readMessages } from "../../src/http/send/read-message.ts";
import { PostBatch, PostMessage } from "../../src/http/send/schemas.ts";
import { Rejected } from "../../src/runtime/errors.ts";
import { RULES } from "../support/rules.ts";

/** What the costliest body of each shape takes of CPU time, beside a plain batch of the largest size. */

const MIB = 1024 * 1024;
const LARGEST = 8 * MIB;
/** A body of the largest size may cost this many plain batches, which take 0.1 to 0.15 s of CPU each. */
const MOST_RATIO = 4;

const list = (count: number, entry: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => entry(index)).join(",");
/** As many entries as make a body of the largest size. */
const filled = (entry: string) => `${`${entry},`.repeat(Math.floor(LARGEST / (entry.length + 1)) - 20)}${entry}`;
/** A little less than there may be. */
const MANY = MOST_VALUES - 100;
const PAD = "x".repeat(40);
const fields = (count: number, name = (index: number) => `${PAD}${index}`) =>
  list(count, (index) => `"${name(index)}":0`);
const NUMBER = '"447700900123"';

const plain = `{"from":"MyShop","message":"x","destinations":[${list(100_000, (index) => `"4477${10_000_000 + index}"`)}]}`;
const whole = (index: number) =>
  JSON.stringify({
    from: { type: "custom", value: "MyShop" },
    to: `4477${10_000_000 + index}`,
    body: "é\n".repeat(765),
    callback: `http://127.0.0.1:1/${"a".repeat(1_900)}`,
    channels: ["sms", "rcs"],
    id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    send_at: "2030-01-31T09:30Z",
    validity: 3_600,
  });

/** A carousel whose descriptions and postbacks are this text. */
const carousel = (text: string, suggestions: number, cards: number) => {
  const taps = list(suggestions, () => `{"reply":"Yes","postback":"${text}"}`);
  return `{"carousel":{"width":"MEDIUM","cards":[${list(cards, () => `{"title":"x","description":"${text}","suggestions":[${taps}]}`)}]}}`;
};
const rich = (index: number, rcs: string) =>
  `{"from":{"type":"custom","value":"MyShop"},"to":"4477${10_000_000 + index}","body":"x","channels":["rcs"],"rcs":${rcs}}`;

const [strict, lenient] = (["refuse", "ignore"] as const).map((unknownFields) => ({
  messages: bodyReader<PostMessage>(PostMessage, unknownFields),
  batch: bodyReader<PostBatch>(PostBatch, unknownFields),
})) as [Reader, Reader];
interface Reader {
  messages: BodyReader<PostMessage>;
  batch: BodyReader<PostBatch>;
}
/** Bodies without an unknown field are read alike by both readers. */
const UNKNOWN_FIELDS = /unknown|fields each|nearly 10,000|the same in|near misses|slips|a long name/;

const CALLER = { accountId: 1, priced: false };

/** What a request costs until it is stored, as milliseconds of CPU time: the least of three runs, or the first below. */
async function cpuOf(reader: Reader, form: "messages" | "batch", raw: Buffer, below: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3 && least >= below; run++) {
    const before = process.cpuUsage();
    try {
      const body = parseBody(raw, undefined);
      if (form === "batch") await readBatch(reader.batch.read(body), CALLER, false, RULES, Date.now());
      else readMessages(reader.messages.read(body), CALLER, RULES, Date.now()).answer();
    } catch (error) {
      // Most of them are refused.
      expect(error).toBeInstanceOf(Rejected);
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

let unit = 0;
beforeAll(async () => {
  unit = await cpuOf(strict, "batch", Buffer.from(plain), 0);
});

test.each<[string, "messages" | "batch", () => string]>([
  ["messages with all fields", "messages", () => `{"messages":[${list(1_000, whole)}]}`],
  [
    "destinations far beyond their bound",
    "batch",
    () => `{"from":"MyShop","message":"x","destinations":[${filled(NUMBER)}]}`,
  ],
  ["messages far beyond their bound", "messages", () => `{"messages":[${filled('{"to":"447700900123"}')}]}`],
  ["channels far beyond their bound", "messages", () => `{"messages":[{"channels":[${filled('"sms"')}]}]}`],
  ["empty entries", "messages", () => `{"messages":[${filled("{}")}]}`],
  ["empty destinations", "batch", () => `{"destinations":[${filled("{}")}]}`],
  ["100,000 destinations that are none", "batch", () => `{"destinations":[${list(100_000, () => "{}")}]}`],
  ["empty entries of an unknown field", "messages", () => `{"unknown":[${filled("{}")}]}`],
  ["as many of them as there may be", "messages", () => `{"unknown":[${list(MANY / 2, () => "{}")}]}`],
  ["numbers in an unknown field", "messages", () => `{"unknown":[${filled("0")}]}`],
  ["unknown fields", "messages", () => `{${fields(MANY)}}`],
  ["unknown fields in from", "messages", () => `{"messages":[{"from":{${fields(MANY)}}}]}`],
  ["unknown fields in channels", "messages", () => `{"messages":[{"channels":{${fields(MANY)}}}]}`],
  ["one unknown field, again and again", "messages", () => `{${filled('"a":0')}}`],
  [
    "many objects of nearly 10,000 fields",
    "messages",
    () => `{"messages":[${list(14, (at) => `{${fields(9_999, (index) => `${PAD}${at}_${index}`)}}`)}]}`,
  ],
  [
    "the same in from",
    "messages",
    () => `{"messages":[${list(14, (at) => `{"from":{${fields(9_999, (index) => `${PAD}${at}_${index}`)}}}`)}]}`,
  ],
  [
    "a thousand messages of 140 fields each",
    "messages",
    () => `{"messages":[${list(1_000, (at) => `{${fields(140, (index) => `${PAD}${at}_${index}`)}}`)}]}`,
  ],
  [
    "near misses of a known name",
    "messages",
    () => `{"messages":[${list(14, (at) => `{${fields(9_999, (index) => `callback${PAD}${at}_${index}`)}}`)}]}`,
  ],
  [
    "slips of a known name",
    "messages",
    () => `{${list(9_999, (index) => `"mes${index.toString(36).padStart(3, "_")}ges":0`)}}`,
  ],
  [
    "lists as deep as they may be",
    "messages",
    () => `{"unknown":[${list(MANY / 100, () => `${"[".repeat(97)}${"]".repeat(97)}`)}]}`,
  ],
  ["more of them than there may be", "messages", () => `{"unknown":[${filled(`${"[".repeat(97)}${"]".repeat(97)}`)}]}`],
  ["lists nested far too deep", "messages", () => "[".repeat(LARGEST)],
  ["objects nested far too deep", "messages", () => '{"a":'.repeat(LARGEST / 5)],
  ["one long text", "messages", () => `{"messages":[{"body":"${"€".repeat(LARGEST / 3 - 100)}"}]}`],
  ["escapes", "messages", () => `{"messages":[{"body":"${"\\u0041".repeat(LARGEST / 6 - 100)}"}]}`],
  [
    "a long text of a batch",
    "batch",
    () => `{"from":"MyShop","destinations":["447700900123"],"message":"${"€".repeat(LARGEST / 3 - 100)}"}`,
  ],
  [
    "a thousand long texts",
    "messages",
    () =>
      `{"messages":[${list(1_000, () => `{"from":{"type":"custom","value":"MyShop"},"to":${NUMBER},"body":"${"x".repeat(8_000)}"}`)}]}`,
  ],
  [
    "messages full of rich content",
    "messages",
    () => `{"messages":[${list(1_000, (at) => rich(at, carousel("x".repeat(400), 1, 5)))}]}`,
  ],
  [
    "rich content from defaults",
    "messages",
    () => `{"defaults":${rich(0, carousel("x".repeat(400), 1, 5))},"messages":[${list(1_000, () => "{}")}]}`,
  ],
  [
    "the largest rich content",
    "messages",
    () => `{"messages":[${list(39, (at) => rich(at, carousel("x".repeat(2_000), 4, 10)))}]}`,
  ],
  [
    "rich content with a thousand faults",
    "messages",
    () => `{"messages":[${list(1_000, (at) => rich(at, carousel("\\u0000", 4, 10)))}]}`,
  ],
  [
    "rich content that is too large",
    "messages",
    () => `{"messages":[${list(22, (at) => rich(at, carousel("字".repeat(2_000), 4, 10)))}]}`,
  ],
  ["suggestions far beyond their bound", "messages", () => `{"messages":[{"rcs":{"suggestions":[${filled("{}")}]}}]}`],
  ["cards far beyond their bound", "messages", () => `{"messages":[{"rcs":{"carousel":{"cards":[${filled("{}")}]}}}]}`],
  ["unknown fields in a card", "messages", () => `{"messages":[{"rcs":{"card":{${fields(MANY)}}}}]}`],
  ["a long text by RCS", "messages", () => `{"messages":[{"rcs":{"text":"${"€".repeat(LARGEST / 3 - 100)}"}}]}`],
  ["a long URL", "messages", () => `{"messages":[{"rcs":{"file":{"url":"https://${"a".repeat(LARGEST - 100)}"}}}]}`],
  ["a long number", "messages", () => `{"messages":${"9".repeat(LARGEST - 100)}}`],
  ["a long name", "messages", () => `{"${"a".repeat(LARGEST - 100)}":0}`],
  ["brackets in a text", "messages", () => `{"messages":[{"body":"${"[".repeat(LARGEST - 100)}"}]}`],
])("%s cost no more than some plain batches", async (name, form, make) => {
  const raw = Buffer.from(make());
  expect(raw.length).toBeLessThanOrEqual(LARGEST);
  for (const reader of UNKNOWN_FIELDS.test(name) ? [strict, lenient] : [strict]) {
    const cpu = await cpuOf(reader, form, raw, MOST_RATIO * unit);
    if (process.env.MPLUS_TEST_SHOW === "1")
      console.log(`${name}: ${Math.round(cpu)} ms; a batch ${Math.round(unit)} ms`);
    expect(cpu / unit).toBeLessThan(MOST_RATIO);
  }
});
