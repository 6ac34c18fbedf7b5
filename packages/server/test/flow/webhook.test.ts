import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { afterAll, expect, test } from "vitest";
import { startProgram } from "../support/program.ts";
import { type Received, type Reply, receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

/** Each lengthened by up to a fifth, at random. */
const RETRY_DELAYS = [0.02, 0.03, 0.04, 0.05, 0.06];

const hooks = await receiver();
afterAll(hooks.close);
// One that resets has a receiver to itself: over a connection that another test has kept, it would be asked again at once.
const resetting = await receiver();
afterAll(resetting.close);
// An endpoint that has failed all day is asked rarely: what succeeds in the end, and a batch, have others.
const mending = await receiver();
afterAll(mending.close);
const willing = await receiver();
afterAll(willing.close);
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const program = await startProgram({
  config: {
    carriers: [smsc.carrier()],
    callbacks: { allowPrivateAddresses: true, retryDelays: RETRY_DELAYS, timeout: 2 },
  },
});
afterAll(program.stop);
const { api } = program;

const from = { type: "custom", value: "MyShop" };

interface Attempt {
  at: string;
  status: number | null;
  fault: string | null;
  answer: string | null;
  totalMs: number;
}

interface Webhook {
  state: number;
  tries: number;
  next_at: Date | null;
  attempts: Attempt[];
}

async function send(callback: string, to = "+447700900123"): Promise<{ batchUuid: string; messageUuid: string }> {
  const [sent] = await api.send({ messages: [{ from, to, body: "x", callback }] });
  return sent!;
}

async function webhookOf(messageUuid: string): Promise<Webhook | undefined> {
  const { rows } = await program.database.pool.query(
    "SELECT state, tries, next_at, attempts FROM webhook WHERE id = $1",
    [messageUuid],
  );
  const [row] = rows;
  return row && { ...row, attempts: ((row.attempts ?? []) as string[]).map((attempt) => JSON.parse(attempt)) };
}

/** Waits until the webhook is not pending any more. */
function settled(messageUuid: string): Promise<Webhook> {
  return until("the webhook to be settled", async () => {
    const webhook = await webhookOf(messageUuid);
    return webhook !== undefined && webhook.state !== 0 && webhook;
  });
}

function namesOf({ rawHeaders }: Received): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
}

test("tells a delivery and a failure, with these fields in this order, once the receipt is in", async () => {
  smsc.script("447700900101", { receipts: [] });
  smsc.script("447700900102", { receipts: [{ stat: "UNDELIV", err: "006" }] });
  const sent = await send(hooks.url("/order"), "447700900101");
  await smsc.waitFor("447700900101");
  await until("the submit to be recorded", async () => {
    const { rows } = await program.database.pool.query("SELECT state FROM message WHERE id = $1", [sent.messageUuid]);
    return rows[0]?.state === 1;
  });
  expect(hooks.received("/order")).toEqual([]);
  expect((await smsc.receipt({ id: smsc.idOf("447700900101") })).command_status).toBe(0);
  const [delivered] = await hooks.waitFor("/order", 1);
  expect(delivered?.body).toBe(
    `{"destination":"+447700900101","delivered":true,"batchuuid":"${sent.batchUuid}","messageuuid":"${sent.messageUuid}","receiptInfo":{"code":"00","description":"Successful"}}`,
  );
  expect(delivered).toMatchObject({
    method: "POST",
    headers: { "content-type": "application/json", "webhook-id": expect.any(String) },
  });
  expect(Number(delivered?.headers["content-length"])).toBe(Buffer.byteLength(delivered?.body as string));
  expect(namesOf(delivered as Received).sort()).toEqual([
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "webhook-id",
  ]);

  const second = await send(hooks.url("/failed"), "+447700900102");
  const [failed] = await hooks.waitFor("/failed", 1);
  expect(failed?.body).toBe(
    `{"destination":"+447700900102","delivered":false,"batchuuid":"${second.batchUuid}","messageuuid":"${second.messageUuid}","receiptInfo":{"code":"22","description":"No response from the SME (e.g. phone switched off)"}}`,
  );
});

test.each([200, 201, 202, 204, 250, 299])("a %i is success: told once", async (status) => {
  hooks.script(`/ok/${status}`, status);
  const { messageUuid } = await send(hooks.url(`/ok/${status}`));
  await hooks.waitFor(`/ok/${status}`, 1);
  const webhook = await settled(messageUuid);
  expect(webhook).toMatchObject({ state: 1, tries: 1, next_at: null, attempts: [{ status, fault: null }] });
  expect(hooks.received(`/ok/${status}`)).toHaveLength(1);
});

const failures: Record<string, { reply: Reply; status: number | null }> = {
  "a 301": { reply: { status: 301, headers: { location: hooks.url("/redirected") } }, status: 301 },
  "a 302": { reply: { status: 302, headers: { location: hooks.url("/redirected") } }, status: 302 },
  "a 304": { reply: 304, status: 304 },
  "a 307": { reply: { status: 307, headers: { location: hooks.url("/redirected") } }, status: 307 },
  "a 400": { reply: 400, status: 400 },
  "a 404": { reply: 404, status: 404 },
  "a 410": { reply: 410, status: 410 },
  "a 500": { reply: { status: 500, body: "oops" }, status: 500 },
  "a 503": { reply: 503, status: 503 },
  "a reset connection": { reply: "reset", status: null },
};

test.concurrent.each(Object.entries(failures))(
  "%s is retried exactly five times, as the same request, and then exhausted",
  async (name, { reply, status }) => {
    const path = `/fails/${encodeURIComponent(name)}?x=1`;
    const target = reply === "reset" ? resetting : hooks;
    target.script(path, reply);
    const { messageUuid } = await send(target.url(path));
    // The store is asked once all tries are there, not a hundred times a second before.
    await target.waitFor(path, 6);
    const webhook = await settled(messageUuid);
    expect(webhook).toMatchObject({ state: 2, tries: 6, next_at: null });
    expect(webhook.attempts).toHaveLength(6);
    for (const attempt of webhook.attempts) {
      expect(attempt).toMatchObject({ status, at: expect.stringMatching(/^\d{4}-.*Z$/), totalMs: expect.any(Number) });
      expect(attempt.fault).toBe(status === null ? "reset" : null);
    }
    const waits = webhook.attempts
      .slice(1)
      .map(({ at }, index) => Date.parse(at) - Date.parse(webhook.attempts[index]!.at));
    waits.forEach((wait, index) => void expect(wait).toBeGreaterThanOrEqual(RETRY_DELAYS[index]! * 1_000 - 1));
    const requests = target.received(path);
    expect(requests).toHaveLength(6);
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
    expect(new Set(requests.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(JSON.parse(requests[0]!.body).messageuuid).toBe(messageUuid);
    expect(hooks.received("/redirected")).toEqual([]);
  },
);

test.concurrent("a refused connection is retried like any failure", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => closed.once("listening", resolve));
  const { port } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  const { messageUuid } = await send(`http://127.0.0.1:${port}/`);
  const webhook = await settled(messageUuid);
  expect(webhook).toMatchObject({ state: 2, tries: 6 });
  expect(webhook.attempts.map(({ fault }) => fault)).toEqual(Array(6).fill("connect"));
});

test.concurrent("an answer that does not come in time is a failed try", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.once("listening", resolve));
  const { port } = silent.address() as { port: number };
  const { messageUuid } = await send(`http://127.0.0.1:${port}/`);
  const attempt = await until("the first try to be recorded", async () => (await webhookOf(messageUuid))?.attempts[0]);
  silent.close();
  expect(attempt).toMatchObject({ status: null, fault: "timeout" });
});

test.concurrent("succeeds on a later try, and is then left alone", async () => {
  mending.script("/later", 500, 503, 302, 204);
  const { messageUuid } = await send(mending.url("/later"));
  await mending.waitFor("/later", 4);
  const webhook = await settled(messageUuid);
  expect(webhook).toMatchObject({ state: 1, tries: 4, next_at: null });
  expect(webhook.attempts.map(({ status }) => status)).toEqual([500, 503, 302, 204]);
  expect(mending.received("/later")).toHaveLength(4);
});

test.concurrent("says the same on a retry of what has identifiers of its sender's", async () => {
  const [message, batch] = [randomUUID(), randomUUID()];
  mending.script("/own/message", 500, 200);
  mending.script("/own/batch", 500, 200);
  await api.send({
    messages: [{ from, to: "+447700900125", body: "x", id: message, callback: mending.url("/own/message") }],
  });
  const destinations = ["+447700900126"];
  await api.sendBatch({ from: "MyShop", message: "x", id: batch, destinations, callback: mending.url("/own/batch") });
  for (const [path, own] of [
    ["/own/message", { messageuuid: message }],
    ["/own/batch", { batchuuid: batch }],
  ] as const) {
    const [first, second] = await mending.waitFor(path, 2);
    expect(JSON.parse(first!.body)).toMatchObject(own);
    expect(second!.body).toBe(first!.body);
    expect(second!.headers["webhook-id"]).toBe(first!.headers["webhook-id"]);
  }
});

test.concurrent("keeps the first KiB of an answer, fit for the store", async () => {
  const body = `NUL \0 half \ud800 ${"é".repeat(2_000)}`;
  mending.script("/answer", { status: 500, body }, 200);
  const { messageUuid } = await send(mending.url("/answer"));
  const { attempts } = await settled(messageUuid);
  const answer = attempts[0]?.answer as string;
  expect(answer).toMatch(/^NUL \ufffd half \ufffd é+/u);
  expect(Buffer.byteLength(answer)).toBeLessThanOrEqual(1_024 + 8);
  expect(attempts[1]?.answer).toBeNull();
});

test.concurrent.each([429, 503])("the Retry-After of a %i lengthens the wait", async (status) => {
  const path = `/retry-after/${status}`;
  mending.script(path, { status, headers: { "retry-after": "2" } }, 200);
  const { messageUuid } = await send(mending.url(path));
  const webhook = await until("the first try to be recorded", async () => {
    const found = await webhookOf(messageUuid);
    return found?.attempts.length === 1 && found;
  });
  const nextAt = webhook.next_at as Date;
  expect(nextAt.getTime() - Date.parse(webhook.attempts[0]!.at)).toBeGreaterThanOrEqual(2_000);
  await mending.waitFor(path, 2);
  await settled(messageUuid);
  expect(mending.received(path)[1]!.at).toBeGreaterThanOrEqual(nextAt.getTime());
});

test.concurrent.each([
  [500, "3600"],
  [429, "nonsense"],
])("the Retry-After of a %i that says %s lengthens nothing", async (status, value) => {
  const path = `/retry-after/${status}/${value}`;
  mending.script(path, { status, headers: { "retry-after": value } }, 200);
  expect(await settled((await send(mending.url(path))).messageUuid)).toMatchObject({ state: 1, tries: 2 });
});

test("a message without a callback has no webhook", async () => {
  const [sent] = await api.send({ messages: [{ from, to: "+447700900124", body: "x" }] });
  await until("the message to be final", async () => (await api.status(sent!.batchUuid, "")).counts.delivered === 1);
  expect(await webhookOf(sent!.messageUuid)).toBeUndefined();
});

test("each message of a batch is told, once", async () => {
  const destinations = Array.from({ length: 300 }, (_, index) => `4477009${String(10_000 + index)}`);
  const batchuuid = await api.sendBatch({
    from: "MyShop",
    message: "x",
    destinations,
    callback: willing.url("/batch"),
  });
  const bodies = (await willing.waitFor("/batch", 300)).map(({ body }) => JSON.parse(body));
  expect(bodies.map(({ destination }) => destination).sort()).toEqual(destinations.map((to) => `+${to}`).sort());
  expect(new Set(bodies.map((body) => body.batchuuid))).toEqual(new Set([batchuuid]));
  const { details } = await api.status(batchuuid);
  expect(bodies.map(({ messageuuid }) => messageuuid).sort()).toEqual(details.map((row) => row.messageuuid).sort());
  await until("the tries to be recorded", async () => {
    const { rows } = await program.database.pool.query(
      "SELECT count(*)::int AS count FROM webhook WHERE url = $1 AND state = 1 AND tries = 1",
      [willing.url("/batch")],
    );
    return rows[0].count === 300;
  });
  expect(willing.received("/batch")).toHaveLength(300);
});
