import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { ACCEPTED } from "../support/accepted.ts";
import type { MessageAnswers, Problem } from "../support/api.ts";
import { addAccount, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
const program = await startProgram({ config: { carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }] } });
afterAll(program.stop);
const { api } = program;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const shop = { type: "custom", value: "MyShop" };

test("answers each message in order, in the caller's own spelling, as a batch of its own", async () => {
  const past = "2020-01-31T09:30";
  const messages = [
    { from: shop, to: "+447700900101", body: "Hello", callback: hooks.url("/a?b=c#d") },
    { from: { type: "custom", value: "+447700900999" }, to: "447700900102", body: "Grüße €", send_at: past },
    { from: shop, to: "+447700900101", body: "Hello", channels: ["sms"], validity: 60 },
  ];
  const answer = await api.request<MessageAnswers>("POST", "/message", { body: { messages } });
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toMatch(/^application\/json\b/);
  const id = expect.stringMatching(UUID);
  const added = { batchUuid: id, messageUuid: id, scheduled: false };
  expect(answer.body).toEqual({
    messages: [
      { from: shop, to: "+447700900101", body: "Hello", callback: hooks.url("/a?b=c#d"), ...added },
      { from: messages[1]?.from, to: "447700900102", body: "Grüße €", send_at: past, ...added },
      { from: shop, to: "+447700900101", body: "Hello", ...added },
    ],
  });
  const identifiers = answer.body.messages.flatMap(({ batchUuid, messageUuid }) => [batchUuid, messageUuid]);
  expect(new Set(identifiers).size).toBe(6);
  for (const { batchUuid, messageUuid, to } of answer.body.messages) {
    const { counts, details } = await api.status(batchUuid);
    expect(counts.total).toBe(1);
    expect(details).toMatchObject([
      { messageuuid: messageUuid, batchuuid: batchUuid, destination: `+${to.replace("+", "")}` },
    ]);
  }
});

test("takes what a message leaves out whole from defaults", async () => {
  const defaults = { from: shop, body: "Default", callback: hooks.url("/defaults"), to: "+447700900110" };
  const messages = [
    {},
    { body: "Own", callback: hooks.url("/own") },
    { from: { type: "custom", value: "Other" }, to: "447700900111" },
  ];
  const sent = await api.send({ messages, defaults });
  expect(sent).toMatchObject([
    defaults,
    { ...defaults, body: "Own", callback: hooks.url("/own") },
    { ...defaults, from: { type: "custom", value: "Other" }, to: "447700900111" },
  ]);
  const byDefault = await hooks.waitFor("/defaults", 2);
  const own = await hooks.waitFor("/own", 1);
  const uuids = (requests: typeof own) => requests.map(({ body }) => JSON.parse(body).messageuuid).sort();
  expect(uuids(byDefault)).toEqual([sent[0]?.messageUuid, sent[2]?.messageUuid].sort());
  expect(uuids(own)).toEqual([sent[1]?.messageUuid]);
});

test("takes the id that is given, in webhooks and details too", async () => {
  const id = randomUUID();
  const message = { from: shop, to: "+447700900120", body: "x", id, callback: hooks.url("/given") };
  const [sent] = await api.send({ messages: [message] });
  expect(sent).toMatchObject({ messageUuid: id, batchUuid: expect.stringMatching(UUID) });
  const [hook] = await hooks.waitFor("/given", 1);
  expect(JSON.parse(hook?.body as string)).toMatchObject({ messageuuid: id, batchuuid: sent?.batchUuid });
  expect((await api.status(sent?.batchUuid as string)).details[0]?.messageuuid).toBe(id);
});

test("answers a given id in lower case, and knows it again in any case", async () => {
  const id = randomUUID();
  const message = { from: shop, to: "+447700900121", body: "x" };
  const [sent] = await api.send({ messages: [{ ...message, id: id.toUpperCase() }] });
  expect(sent?.messageUuid).toBe(id);
  const again = await api.request("POST", "/message", { body: { messages: [{ ...message, id }] } });
  expect(again.status).toBe(409);
});

test("refuses a given id with 409 when this account has used it, given or made by us, and stores nothing", async () => {
  const message = { from: shop, to: "+447700900122", body: "x" };
  const [made, given] = [await api.send({ messages: [message] }), randomUUID()];
  await api.send({ messages: [{ ...message, id: given }] });
  const batch = await api.sendBatch({ from: "MyShop", message: "x", destinations: ["+447700900122", "+447700900123"] });
  const { details } = await api.status(batch);
  const givenToBatch = randomUUID();
  await api.sendBatch({ from: "MyShop", message: "x", destinations: ["+447700900122"], id: givenToBatch });
  const used = {
    given,
    "given to a batch": givenToBatch,
    "a message of ours": made[0]?.messageUuid,
    "the batch of a message of ours": made[0]?.batchUuid,
    "a batch of ours": batch,
    "a message of a batch of ours": details[1]?.messageuuid,
  };
  const rows = async () =>
    (await program.database.pool.query(`SELECT count(*)::int AS count FROM ${ACCEPTED}`)).rows[0];
  const before = await rows();
  for (const [name, id] of Object.entries(used)) {
    const fresh = randomUUID();
    const body = { messages: [{ ...message, id: fresh }, { ...message, id }, message] };
    const refused = await api.request("POST", "/message", { body });
    expect({ name, status: refused.status, type: refused.body.type }).toEqual({
      name,
      status: 409,
      type: "/docs#problem-identifier-used",
    });
    expect(refused.body.detail).toContain(id);
    expect(refused.body.errors).toEqual([{ path: "messages[1].id", message: expect.any(String) }]);
    // Refused whole: the good neighbour's id was not used up.
    const dry = await api.request("POST", "/message?dryRun=true", { body: { messages: [{ ...message, id: fresh }] } });
    expect({ name, status: dry.status }).toEqual({ name, status: 200 });
  }
  expect(await rows()).toEqual(before);
});

test("another account may use the same id", async () => {
  const id = randomUUID();
  const body = { messages: [{ from: shop, to: "+447700900124", body: "x", id }] };
  expect((await api.send(body))[0]?.messageUuid).toBe(id);
  const other = api.as(await addAccount(program.database.pool));
  expect((await other.send(body))[0]?.messageUuid).toBe(id);
});

test("refuses one id for two messages of a request, and gives it to one of two requests at once", async () => {
  const id = randomUUID();
  const message = { from: shop, to: "+447700900125", body: "x", id };
  const twice = await api.request("POST", "/message", { body: { messages: [message, message] } });
  expect(twice.status).toBe(400);
  expect(twice.body.errors).toMatchObject([{ path: "messages[1].id" }]);
  const both = await Promise.all([1, 2].map(() => api.request("POST", "/message", { body: { messages: [message] } })));
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test.each([
  ["/message", { messages: [{ from: shop, to: "+447700900150", body: "x", channels: ["rcs", "sms"] }] }],
  [
    "/batch",
    { from: "MyShop", message: "x", destinations: ["447700900150"], channel: "rcs", fallback_channels: ["sms"] },
  ],
])("goes by SMS where RCS is named first and no carrier serves it: %s", async (path, body) => {
  const answer = await api.request<{ identifier: string } & MessageAnswers>("POST", path, { body });
  expect(answer.status).toBe(200);
  const batch = answer.body.identifier ?? answer.body.messages[0]?.batchUuid;
  const ends = async () => (await api.request<{ items: object[] }>("GET", `/message?batch=${batch}`)).body.items;
  await until("its end", async () => JSON.stringify(await ends()).includes("delivered"), ends);
  expect(await ends()).toMatchObject([{ channel: "sms", state: "delivered" }]);
});

test("takes 1,000 messages, and refuses none and 1,001", async () => {
  const message = { from: shop, to: "+447700900130", body: "x" };
  const sent = await api.send({ messages: Array.from({ length: 1_000 }, () => message) });
  expect(new Set(sent.map(({ batchUuid }) => batchUuid)).size).toBe(1_000);
  for (const length of [0, 1_001]) {
    const messages = Array.from({ length }, () => message);
    const refused = await api.request("POST", "/message", { body: { messages } });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: "messages" }] } });
  }
});

test.each(["dryRun=true", "isDryrun=true", "dryRun=TRUE", "dryRun=true&isDryrun=true"])(
  "a dry run (%s) answers the same and does nothing",
  async (query) => {
    const { pool } = program.database;
    const path = `/dry/${encodeURIComponent(query)}`;
    const body = { messages: [{ from: shop, to: "+447700900140", body: "dry", callback: hooks.url(path) }] };
    const [answer] = await api.send(body, `?${query}`);
    expect(answer).toMatchObject({ ...body.messages[0], messageUuid: expect.stringMatching(UUID), scheduled: false });
    const { rowCount } = await pool.query(`SELECT FROM ${ACCEPTED} WHERE callback = $1`, [hooks.url(path)]);
    expect(rowCount).toBe(0);
    const status = await api.request("GET", `/batch/${answer?.batchUuid}`);
    expect(status.status).toBe(404);
    const batch = { from: "MyShop", message: "dry", destinations: ["447700900140"], callback: hooks.url(path) };
    const identifier = await api.sendBatch(batch, `?${query}`);
    expect((await api.request("GET", `/batch/${identifier}`)).status).toBe(404);
  },
);

test("a dry run finds the faults that the request itself would have", async () => {
  const message = { from: shop, to: "+447700900141", body: "x" };
  const id = randomUUID();
  await api.send({ messages: [{ ...message, id }] });
  const dry = (body: unknown, path = "/message") => api.request<Problem>("POST", `${path}?dryRun=true`, { body });
  expect(await dry({ messages: [{ ...message, to: "12" }] })).toMatchObject({
    status: 400,
    body: { errors: [{ path: "messages[0].to" }] },
  });
  expect((await dry({ messages: [{ ...message, id }] })).status).toBe(409);
  const batch = { from: "MyShop", message: "x", destinations: ["447700900141"] };
  const given = await api.sendBatch({ ...batch, id: randomUUID() });
  expect((await dry({ ...batch, id: given }, "/batch")).status).toBe(409);
});

test("dryRun=false sends", async () => {
  const body = { messages: [{ from: shop, to: "+447700900142", body: "x", callback: hooks.url("/not-dry") }] };
  await api.send(body, "?dryRun=false&isDryrun=False");
  await hooks.waitFor("/not-dry", 1);
});
