import { afterAll, expect, test } from "vitest";
import { ACCEPTED } from "../support/accepted.ts";
import type { Problem } from "../support/api.ts";
import { startProgram } from "../support/program.ts";

const program = await startProgram();
afterAll(program.stop);
const { api } = program;

const from = { type: "custom", value: "MyShop" };
const message = { from, to: "+447700900123", body: "x" };
const batch = { from: "MyShop", message: "x", destinations: ["+447700900123"] };
const LONG = "x".repeat(161);

/** Posts what must be refused for its fields; answers their paths. */
async function faultsOf(path: string, body: unknown): Promise<string[]> {
  const { status, headers, body: problem } = await api.request<Problem>("POST", path, { body });
  expect({ status, type: problem?.type }).toEqual({ status: 400, type: "/docs#problem-invalid-request" });
  expect(headers["content-type"]).toBe("application/problem+json");
  expect(problem).toMatchObject({ title: expect.any(String), status: 400, detail: expect.any(String) });
  for (const error of problem.errors ?? []) expect(error).toEqual({ path: error.path, message: expect.any(String) });
  return (problem.errors ?? []).map(({ path: at }) => at);
}

const inMessages: Record<string, [unknown, string[]]> = {
  "no messages": [{}, ["messages"]],
  "messages that are no list": [{ messages: message }, ["messages"]],
  "a message that is no object": [{ messages: [message, "x", null] }, ["messages[1]", "messages[2]"]],
  "a body that is a list": [[message], [""]],
  "nothing that is needed": [{ messages: [{}] }, ["messages[0].from", "messages[0].to", "messages[0].body"]],
  "a sender of no kind": [{ messages: [{ ...message, from: { value: "x" } }] }, ["messages[0].from.type"]],
  "a sender of another kind": [
    { messages: [{ ...message, from: { type: "alias", value: "x" } }] },
    ["messages[0].from.type"],
  ],
  "a sender without value": [{ messages: [{ ...message, from: { type: "custom" } }] }, ["messages[0].from.value"]],
  "a sender that is text": [{ messages: [{ ...message, from: "MyShop" }] }, ["messages[0].from"]],
  "a sender that no handset shows": [
    {
      messages: ["", "TwelveLetter", "12", "!!!", "日本", "1234567890123456"].map((value) => ({
        ...message,
        from: { ...from, value },
      })),
    },
    [0, 1, 2, 3, 4, 5].map((index) => `messages[${index}].from.value`),
  ],
  "a field too many in the sender": [
    { messages: [{ ...message, from: { ...from, name: "x" } }] },
    ["messages[0].from.name"],
  ],
  "numbers that are none": [
    {
      messages: [
        "",
        "0447700900123",
        "44770",
        "4477009001234567",
        "44 7700 900123",
        "+",
        "９".repeat(11),
        "tel:+447700900123",
      ].map((to) => ({ ...message, to })),
    },
    [0, 1, 2, 3, 4, 5, 6, 7].map((index) => `messages[${index}].to`),
  ],
  "a number that is a JSON number": [{ messages: [{ ...message, to: 447700900123 }] }, ["messages[0].to"]],
  "no text": [{ messages: [{ ...message, body: "" }] }, ["messages[0].body"]],
  "NUL and halves of surrogate pairs": [
    { messages: ["a\0b", "a\ud800", "\udc00b"].map((body) => ({ ...message, body })) },
    [0, 1, 2].map((index) => `messages[${index}].body`),
  ],
  "the same bad text twice": [
    {
      messages: [
        { ...message, body: "a\0b" },
        { ...message, body: "a\0b" },
      ],
    },
    ["messages[0].body", "messages[1].body"],
  ],
  "a text of eleven parts": [
    { messages: ["x".repeat(1_531), "й".repeat(671)].map((body) => ({ ...message, body })) },
    ["messages[0].body", "messages[1].body"],
  ],
  "callbacks that are no URLs": [
    {
      messages: ["", "x", "ftp://h.example/", "http://", "javascript:alert(1)", "http://h.example/\n"].map(
        (callback) => ({ ...message, callback }),
      ),
    },
    [0, 1, 2, 3, 4, 5].map((index) => `messages[${index}].callback`),
  ],
  "channels that are none": [
    {
      messages: [
        { ...message, channels: [] },
        { ...message, channels: ["fax"] },
        { ...message, channels: ["sms", "sms"] },
      ],
    },
    ["messages[0].channels", "messages[1].channels[0]", "messages[2].channels"],
  ],
  "channels that no carrier serves": [
    {
      messages: [
        { ...message, channels: ["rcs"] },
        { ...message, channels: ["sms", "rcs"] },
      ],
      defaults: { channels: ["sms"] },
    },
    ["messages[0].channels"],
  ],
  "an id that is no UUID": [{ messages: [{ ...message, id: "1" }] }, ["messages[0].id"]],
  "times that are none": [
    {
      messages: ["soon", "2030-02-30T10:00Z", "2030-13-01T10:00Z", "2030-01-01", "2030-01-01T25:00Z", ""].map(
        (send_at) => ({ ...message, send_at }),
      ),
    },
    [0, 1, 2, 3, 4, 5].map((index) => `messages[${index}].send_at`),
  ],
  "validities that are none": [
    { messages: [0, -0.5, "60", 604_800.5].map((validity) => ({ ...message, validity })) },
    [0, 1, 2, 3].map((index) => `messages[${index}].validity`),
  ],
  "a null": [{ messages: [{ ...message, callback: null }] }, ["messages[0].callback"]],
  "unknown fields": [
    { messages: [{ ...message, sendAt: "2030-01-01T10:00Z" }], Defaults: {}, dryRun: true },
    ["Defaults", "dryRun", "messages[0].sendAt"],
  ],
  "names that every object has": [
    JSON.parse('{"messages":[{"__proto__":{"to":"1"},"constructor":"x","toString":1}],"__proto__":{"messages":[]}}'),
    [
      "__proto__",
      "messages[0].__proto__",
      "messages[0].constructor",
      "messages[0].toString",
      "messages[0].from",
      "messages[0].to",
      "messages[0].body",
    ],
  ],
  "a bad default, once": [
    {
      messages: [
        { to: message.to, body: "x" },
        { to: message.to, body: "x" },
      ],
      defaults: { from: { type: "custom" } },
    },
    ["defaults.from.value"],
  ],
  "bad defaults that no message takes": [
    {
      messages: [{ ...message, id: uuid(1), callback: "https://hooks.example.com/", send_at: "2020-01-01T00:00Z" }],
      defaults: {
        from: { type: "custom", value: "12" },
        to: "abc",
        body: "x".repeat(3_000),
        id: "zz",
        callback: "zz",
        send_at: "zz",
        channels: ["rcs"],
      },
    },
    ["from.value", "to", "body", "id", "callback", "send_at", "channels"].map((name) => `defaults.${name}`),
  ],
  "faults of every kind at once": [
    {
      messages: [
        { from: { type: "custom" }, to: "12", body: "", sendAt: "x" },
        { ...message, to: 7, body: "a\0b" },
        { from, to: "12" },
      ],
    },
    [
      "messages[0].from.value",
      "messages[0].to",
      "messages[0].body",
      "messages[0].sendAt",
      "messages[1].to",
      "messages[1].body",
      "messages[2].to",
      "messages[2].body",
    ],
  ],
};

test.each(Object.entries(inMessages))("POST /message names %s", async (_name, [body, paths]) => {
  expect((await faultsOf("/message", body)).sort()).toEqual([...paths].sort());
});

const inBatches: Record<string, [unknown, string[]]> = {
  "nothing that is needed": [{}, ["destinations", "from", "message"]],
  "no destinations": [{ ...batch, destinations: [] }, ["destinations"]],
  "destinations that are none": [
    { ...batch, destinations: ["447700900123", "1", 5, "x"] },
    ["destinations[1]", "destinations[2]", "destinations[3]"],
  ],
  "a sender that is an object": [{ ...batch, from }, ["from"]],
  "two ids": [{ ...batch, id: uuid(1), uuid: uuid(2) }, ["uuid"]],
  "two times": [{ ...batch, send_at: "2020-01-01T00:00Z", at: "2020-01-01T00:01Z" }, ["at"]],
  "a text of two parts without allowMulti": [{ ...batch, message: LONG }, ["message"]],
  "a time under either name": [{ ...batch, at: "soon" }, ["at"]],
  "an id under either name": [{ ...batch, uuid: "x" }, ["uuid"]],
  "unknown fields": [{ ...batch, sendAt: "x", body: "x", messages: [] }, ["body", "messages", "sendAt"]],
  "a channel that is none": [
    { ...batch, channel: "fax", fallback_channels: ["fax"] },
    ["channel", "fallback_channels[0]"],
  ],
  "a channel twice": [{ ...batch, channel: "sms", fallback_channels: ["sms"] }, ["fallback_channels"]],
  "a channel that comes after itself": [{ ...batch, fallback_channels: ["sms", "sms"] }, ["fallback_channels"]],
  "a channel that no carrier serves": [{ ...batch, channel: "rcs" }, ["channel"]],
  "faults of every kind at once": [
    { from: "!!!", message: 5, destinations: ["1", 2], callback: "x", Validity: 5 },
    ["from", "message", "destinations[0]", "destinations[1]", "callback", "Validity"],
  ],
};

test.each(Object.entries(inBatches))("POST /batch names %s", async (_name, [body, paths]) => {
  expect((await faultsOf("/batch", body)).sort()).toEqual([...paths].sort());
});

test("names the first 100 faults", async () => {
  const first = Array.from({ length: 100 }, (_, index) => `messages[${index}].to`);
  for (const to of ["12", 12]) {
    const messages = Array.from({ length: 1_000 }, () => ({ ...message, to }));
    expect(await faultsOf("/message", { messages })).toEqual(first);
  }
  const mixed = Array.from({ length: 150 }, (_, index) => ({ ...message, to: index % 2 === 0 ? "12" : 12 }));
  expect(await faultsOf("/message", { messages: mixed })).toHaveLength(100);
  const destinations = Array.from({ length: 100_000 }, () => "x");
  expect(await faultsOf("/batch", { ...batch, destinations })).toHaveLength(100);
});

test("takes both spellings where they say the same", async () => {
  const body = {
    ...batch,
    id: uuid(3),
    uuid: uuid(3).toUpperCase(),
    send_at: "2020-01-01T00:00Z",
    at: "2020-01-01T00:00Z",
  };
  expect(await api.sendBatch(body)).toBe(uuid(3));
});

test.each([
  "dryRun=yes",
  "dryRun=",
  "dryRun=1",
  "dryRun=true&dryRun=true",
  "dryrun=true",
  "dry_run=true",
  "isDryRun=true",
  "allowmulti=true",
  "x=1",
  "__proto__=1",
])("sends nothing on a query of ?%s", async (query) => {
  const name = query.split("=", 1)[0];
  expect(await faultsOf(`/message?${query}`, { messages: [message] })).toEqual([`?${name}`]);
  expect(await faultsOf(`/batch?${query}`, batch)).toEqual([`?${name}`]);
});

test.each(["dryRun=true&isDryrun=false", "dryRun=false&isDryrun=true"])(
  "sends nothing on a query of ?%s",
  async (query) => {
    expect(await faultsOf(`/message?${query}`, { messages: [message] })).toEqual(["?isDryrun"]);
    expect(await faultsOf(`/batch?${query}`, batch)).toEqual(["?isDryrun"]);
  },
);

test("names the faults of query, header and body together", async () => {
  const headers = { "idempotency-key": "x".repeat(300) };
  const paths = async (path: string, body: object) => {
    const answer = await api.request<{ errors: { path: string }[] }>("POST", path, { body, headers });
    expect(answer.status).toBe(400);
    return answer.body.errors.map((fault) => fault.path);
  };
  const query = "?dryRun=true&isDryrun=false&x=1";
  expect(await paths(`/message${query}`, { messages: [{ ...message, to: "12" }] })).toEqual([
    "?x",
    "?isDryrun",
    "Idempotency-Key",
    "messages[0].to",
  ]);
  expect(await paths(`/batch${query}`, { ...batch, message: LONG, destinations: [5] })).toEqual([
    "?x",
    "?isDryrun",
    "Idempotency-Key",
    "destinations[0]",
    "message",
  ]);
});

test("every refused request left nothing behind", async () => {
  const { rows } = await program.database.pool.query(`SELECT count(*)::int AS count FROM ${ACCEPTED}`);
  expect(rows[0]).toEqual({ count: 1 });
});

function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}
