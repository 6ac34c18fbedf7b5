import { Webhook } from "standardwebhooks";
import { afterAll, describe, expect, test } from "vitest";
import type { Problem } from "../support/api.ts";
import { testDatabase } from "../support/database.ts";
import { certificate, listenTls } from "../support/listen.ts";
import { ownAccount } from "../support/own-account.ts";
import { addAccount, newKey, startProgram } from "../support/program.ts";
import { type Received, receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
/** Where the account is told of its endpoints. */
const ears = await receiver();
afterAll(ears.close);
const database = await testDatabase();
afterAll(database.close);
const { pool } = database;
const keys = { organizationKey: newKey(), accountKey: newKey() };
const start = () =>
  startProgram({
    database,
    config: {
      ...keys,
      carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
      // The first failure is the last.
      callbacks: { retryDelays: [] },
    },
  });
let program = await start();
afterAll(() => program.stop());
const { identifier, organization, path } = await ownAccount(program);

const from = { type: "custom", value: "MyShop" };
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const endpoint = new URL(hooks.url("/")).origin;

interface Event {
  type: string;
  timestamp: string;
  data: { account_uuid: string; endpoint: string; reason?: string; count?: number; webhook_ids?: string[] };
}

async function put(body: object): Promise<{ status: number; body: unknown }> {
  const { status, body: answer } = await organization.request("PUT", path("/webhook"), { body });
  return { status, body: answer };
}

async function send(callback: string, count: number): Promise<string[]> {
  const messages = Array.from({ length: count }, () => ({ from, to: "+447700900123", body: "x", callback }));
  return (await program.api.send({ messages })).map(({ messageUuid }) => messageUuid);
}

const eventsOf = (path: string, type: string): Event[] =>
  ears
    .received(path)
    .map(({ body }) => JSON.parse(body) as Event)
    .filter((event) => event.type === type);

function heard(path: string, type: string, count = 1): Promise<Event[]> {
  return until(
    `${count} of ${type}`,
    () => eventsOf(path, type).length >= count && eventsOf(path, type),
    () => ears.received(path).map(({ body }) => body),
  );
}

describe("an account's URLs", () => {
  test("are none at first, and are set, kept and taken away one by one", async () => {
    const get = async () => (await organization.request("GET", path("/webhook"))).body;
    expect(await get()).toEqual({ inbound_url: null, events_url: null });
    const inbound_url = "https://example.com/in";
    expect(await put({ inbound_url })).toEqual({ status: 200, body: { inbound_url, events_url: null } });
    const events_url = "https://example.com/events";
    expect(await put({ events_url })).toEqual({ status: 200, body: { inbound_url, events_url } });
    expect(await put({ inbound_url: null })).toEqual({ status: 200, body: { inbound_url: null, events_url } });
    expect(await get()).toEqual({ inbound_url: null, events_url });
    await put({ events_url: null });
  });

  test.each<[object, string[]]>([
    [{}, [""]],
    [{ events_url: "http://10.0.0.1/" }, ["events_url"]],
    [{ inbound_url: "http://169.254.169.254/", events_url: "ftp://example.com/" }, ["events_url", "inbound_url"]],
    [{ events_url: "" }, ["events_url"]],
    [{ event_url: "https://example.com/" }, ["event_url"]],
  ])("%j is refused", async (body, paths) => {
    const answer = await organization.request<Problem>("PUT", path("/webhook"), { body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map((fault) => fault.path).sort()).toEqual(paths);
  });

  test("are the organization's to set", async () => {
    const body = { events_url: "https://example.com/" };
    expect((await program.api.request("PUT", path("/webhook"), { body })).status).toBe(400);
    await addAccount(pool);
    const { rows } = await pool.query("SELECT identifier FROM account ORDER BY id DESC LIMIT 1");
    const other = `/account/${rows[0].identifier}/webhook`;
    expect((await organization.request("PUT", other, { body })).status).toBe(404);
    expect((await organization.request("GET", other)).status).toBe(404);
  });
});

test("without a URL for events nothing is kept of endpoints", async () => {
  hooks.script("/silent", 500);
  const [id] = await send(hooks.url("/silent"), 1);
  await until("it to be exhausted", async () => {
    const { body } = await program.api.request<{ state: string }>("GET", `/webhooks/${id}`);
    return body.state === "exhausted";
  });
  expect((await pool.query("SELECT FROM endpoint_health")).rowCount).toBe(0);
});

test("tells, signed, that an endpoint begins to fail, that webhooks are exhausted, and that it works again", async () => {
  const { body: secret } = await organization.request<{ secret: string }>("POST", path("/secret"));
  await put({ events_url: ears.url("/all") });
  hooks.script("/bad", 500);
  const ids = await send(hooks.url("/bad"), 30);

  const [failing] = await heard("/all", "endpoint.failing");
  const reason = "The answer's status was 500.";
  const data = { account_uuid: identifier, endpoint, reason };
  expect(failing).toEqual({ type: "endpoint.failing", timestamp: ISO, data });

  const [exhausted] = (await heard("/all", "webhook.exhausted")) as [Event];
  expect(exhausted).toEqual({
    type: "webhook.exhausted",
    timestamp: ISO,
    data: { ...data, count: exhausted.data.count, webhook_ids: exhausted.data.webhook_ids },
  });
  const first = exhausted.data;
  expect(first.webhook_ids).toHaveLength(Math.min(20, first.count!));
  for (const id of first.webhook_ids!) expect(ids).toContain(id);

  hooks.script("/bad", 200);
  const [recovered] = await heard("/all", "endpoint.recovered");
  expect(recovered).toEqual({
    type: "endpoint.recovered",
    timestamp: ISO,
    data: { account_uuid: identifier, endpoint },
  });
  const [event] = ears.received("/all") as [Received];
  expect(new Webhook(secret.secret).verify(event.body, event.headers as Record<string, string>)).toBeTruthy();

  // What was exhausted after that is put together, and told a minute later.
  const total = await until("all to be settled", async () => {
    const { rows } = await pool.query<{ state: number }>("SELECT state FROM webhook WHERE url = $1", [
      hooks.url("/bad"),
    ]);
    return (
      rows.length === 30 && rows.every(({ state }) => state !== 0) && rows.filter(({ state }) => state === 2).length
    );
  });
  expect(eventsOf("/all", "webhook.exhausted")).toHaveLength(1);
  await pool.query("UPDATE endpoint_health SET exhausted_told_at = now() - interval '61 seconds'");
  if (total > first.count!) {
    const [, second] = await heard("/all", "webhook.exhausted", 2);
    expect(second?.data.count).toBe(total - first.count!);
  }
  const { rows } = await pool.query("SELECT count(*)::int AS count FROM webhook WHERE kind = 'e'");
  const listed = await program.api.request<{ items: { kind: string; message_uuid: null }[] }>(
    "GET",
    "/webhooks?limit=1000",
  );
  const events = listed.body.items.filter(({ kind }) => kind === "event");
  expect(events).toHaveLength(rows[0].count);
  expect(events[0]?.message_uuid).toBeNull();
});

test("an endpoint that fails again within the minute is told of once the minute is over", async () => {
  // What stands in front of a receiver speaks for all of its paths.
  hooks.script("/again", 503);
  const before = eventsOf("/all", "endpoint.failing").length;
  await send(hooks.url("/again"), 30);
  await until("it to fail", async () => (await pool.query("SELECT FROM endpoint_health WHERE failing")).rowCount === 1);
  expect(eventsOf("/all", "endpoint.failing")).toHaveLength(before);
  await pool.query("UPDATE endpoint_health SET failing_told_at = now() - interval '61 seconds'");
  await heard("/all", "endpoint.failing", before + 1);
});

test("after a restart it is known which endpoints fail", async () => {
  const before = eventsOf("/all", "endpoint.recovered").length;
  const { rows } = await pool.query("SELECT failing, told_failing FROM endpoint_health");
  expect(rows).toEqual([{ failing: true, told_failing: true }]);
  await program.stop();
  hooks.script("/again", 200);
  program = await start();
  await send(hooks.url("/again"), 1);
  await heard("/all", "endpoint.recovered", before + 1);
});

test("nothing is told of what becomes of events, though their endpoint fails and they are exhausted", async () => {
  const { organization } = await ownAccount(program);
  ears.script("/broken", 500);
  const events_url = ears.url("/broken");
  await organization.request("PUT", path("/webhook"), { body: { events_url } });
  await pool.query("DELETE FROM endpoint_health");
  await pool.query(
    `INSERT INTO webhook (id, account_id, kind, url, endpoint, body, next_at, leased_by)
     SELECT gen_random_uuid(), account_id, 'e', events_url, events_endpoint, '{}', now(), 0
     FROM account_webhook, generate_series(1, 20) WHERE events_url = $1`,
    [events_url],
  );
  await ears.waitFor("/broken", 20);
  // This is told, to no avail.
  hooks.script("/bad/again", 500);
  await send(hooks.url("/bad/again"), 1);
  await until("the event to be exhausted, too", async () => {
    const { rows } = await pool.query<{ state: number }>("SELECT state FROM webhook WHERE url = $1", [events_url]);
    return rows.length === 21 && rows.every(({ state }) => state === 2);
  });
  const { rows } = await pool.query<{ origin: string }>("SELECT origin FROM endpoint_health");
  expect(rows).toEqual([{ origin: endpoint }]);
});

test("tells why TLS with an endpoint fails", async () => {
  const { organization } = await ownAccount(program);
  await organization.request("PUT", path("/webhook"), { body: { events_url: ears.url("/tls") } });
  const untrusted = await listenTls(certificate("self"), () => undefined);
  await send(`https://127.0.0.1:${untrusted.port}/`, 30);
  const told = await until("both events", () => {
    const events = ears.received("/tls").map(({ body }) => JSON.parse(body) as Event);
    const about = events.filter(({ data }) => data.endpoint === `https://127.0.0.1:${untrusted.port}`);
    return about.length === 2 && about;
  });
  await untrusted.close();
  const reason = "The certificate's issuer is not trusted.";
  expect(told.map(({ type, data }) => [type, data.reason]).sort()).toEqual([
    ["endpoint.failing", reason],
    ["webhook.exhausted", reason],
  ]);
});
