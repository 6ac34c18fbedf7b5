import { afterAll, expect, test } from "vitest";
import { startProgram } from "../support/program.ts";

const program = await startProgram({ config: { server: { unknownFields: "ignore" } } });
afterAll(program.stop);
const { api } = program;

const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };
const batch = { from: "MyShop", message: "x", destinations: ["+447700900123"] };

async function pathsOf(path: string, body: unknown): Promise<string[]> {
  const refused = await api.request("POST", path, { body });
  expect(refused.status).toBe(400);
  return (refused.body.errors ?? []).map(({ path: at }) => at).sort();
}

test("accepts fields that are not known, at any depth, and answers as if they were not there", async () => {
  const extra = { priority: 3, tags: ["a", { b: 1 }], customerReference: "x" };
  const body = {
    messages: [{ ...message, ...extra, from: { ...message.from, ...extra } }],
    defaults: extra,
    ...extra,
  };
  const [answer] = await api.send(body);
  expect(answer).toEqual({
    ...message,
    batchUuid: expect.any(String),
    messageUuid: expect.any(String),
    scheduled: false,
  });
  await api.sendBatch({ ...batch, ...extra });
});

test("takes the names that every object has for fields like any other", async () => {
  const text = JSON.stringify(message).slice(1, -1);
  const odd = '"__proto__":{"to":"x","polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1';
  const [answer] = await api.send(`{"messages":[{${text},${odd}}],${odd}}`);
  expect(answer).toMatchObject(message);
  await api.send({ messages: [message] });
});

test.each([
  "sendAt",
  "SEND_AT",
  "send-at",
  "sendat",
  "send_a",
  "sned_at",
  "callBack",
  "callbackUrl",
  "Validity",
  "chanels",
])("refuses %s, which is near a known name", async (name) => {
  const messages = [{ ...message, [name]: "2030-01-01T10:00Z" }];
  expect(await pathsOf("/message", { messages })).toEqual([`messages[0].${name}`]);
});

test("refuses a known name where it does not belong", async () => {
  expect(await pathsOf("/batch", { ...batch, dry: 1, channels: ["sms"], destination: "x" })).toEqual([
    "channels",
    "destination",
  ]);
  // The batch form's names in a message, and a parameter's in a body.
  expect(await pathsOf("/message", { messages: [{ ...message, at: "2030-01-01T10:00Z", uuid: "x" }] })).toEqual([
    "messages[0].at",
    "messages[0].uuid",
  ]);
  for (const name of ["dryRun", "isDryrun", "dry_run", "allowMulti"]) {
    expect(await pathsOf("/message", { messages: [message], [name]: true })).toEqual([name]);
    expect(await pathsOf("/batch", { ...batch, [name]: true })).toEqual([name]);
  }
});

test("knows nothing of what stands in rich content outside it, and ignores nothing in it", async () => {
  await api.send({
    messages: [{ ...message, text: "x", title: "x", label: 1, start: 1, url: "x", width: 1, cards: [] }],
  });
  const rcs = { text: "x", priority: 3, suggestions: [{ reply: "x", postback: "x", colour: "red" }] };
  expect(await pathsOf("/message", { messages: [{ ...message, channels: ["rcs"], rcs }] })).toEqual([
    "messages[0].channels",
    "messages[0].rcs.priority",
    "messages[0].rcs.suggestions[0].colour",
  ]);
});

test("finds every other fault behind any number of unknown fields", async () => {
  const unknown = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`field${index}`, index]));
  const messages = [{ ...message, ...unknown, to: 5, sendAt: "x" }];
  expect(await pathsOf("/message", { messages })).toEqual(["messages[0].sendAt", "messages[0].to"]);
  expect(await pathsOf("/message", { ...unknown, messages: [{ ...message, to: "5" }] })).toEqual(["messages[0].to"]);
  const destinations = Array.from({ length: 120_000 }, () => "x");
  expect(await pathsOf("/batch", { ...batch, ...unknown, destinations })).toEqual(["destinations"]);
});

test("refuses more of them than any client has", async () => {
  const unknown = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`field${index}`, index]));
  const refused = await api.request("POST", "/message", { body: { ...unknown, messages: [message] } });
  expect(refused.status).toBe(400);
  expect(refused.body.errors).toEqual([{ path: "", message: "has more than 10000 fields" }]);
});

test("unknown query parameters are refused all the same", async () => {
  const refused = await api.request("POST", "/message?dryrun=true", { body: { messages: [message] } });
  expect(refused.status).toBe(400);
});
