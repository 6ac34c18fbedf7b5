import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Api, MessageAnswers, Problem } from "../support/api.ts";
import { certificate, listenTls } from "../support/listen.ts";
import { addAccount, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
/** So that their webhooks have another endpoint. */
const others = await receiver();
afterAll(others.close);
/** Asks to be left alone for long. */
const resting = await receiver();
afterAll(resting.close);
const program = await startProgram({
  config: {
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { retryDelays: [0.01, 0.01] },
  },
});
afterAll(program.stop);
const { api } = program;
const { pool } = program.database;

const from = { type: "custom", value: "MyShop" };
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

interface Item {
  id: string;
  kind: string;
  state: string;
  endpoint: string;
  url: string;
  batch_uuid: string | null;
  message_uuid: string | null;
  tries: number;
  created_at: string;
  next_at: string | null;
  last_attempt: { at: string; status: number | null; fault: string | null; reason: string | null } | null;
}

interface Details extends Omit<Item, "last_attempt"> {
  body: string | null;
  attempts: (NonNullable<Item["last_attempt"]> & {
    connect_ms: number | null;
    first_byte_ms: number | null;
    total_ms: number;
    answer: string | null;
  })[];
}

interface List {
  items: Item[];
  next: string | null;
}

async function list(query = "", client: Api = api): Promise<List> {
  const { status, body } = await client.request<List>("GET", `/webhooks${query}`);
  expect(status).toBe(200);
  return body;
}

async function details(id: string): Promise<Details> {
  const { status, body } = await api.request<Details>("GET", `/webhooks/${id}`);
  expect(status).toBe(200);
  return body;
}

async function send(callback: string, more: object = {}): Promise<MessageAnswers["messages"][number]> {
  const [sent] = await api.send({ messages: [{ from, to: "+447700900123", body: "x", callback, ...more }] });
  return sent!;
}

function settled(id: string): Promise<Details> {
  return until("the webhook to be settled", async () => {
    const { status, body } = await api.request<Details>("GET", `/webhooks/${id}`);
    return status === 200 && body.state !== "pending" && body;
  });
}

async function exhausted(path: string, more: object = {}): Promise<Details> {
  hooks.script(path, { status: 500, body: "oops" });
  const { messageUuid } = await send(hooks.url(path), more);
  return settled(messageUuid);
}

const idsOf = ({ items }: List): string[] => items.map(({ id }) => id);

describe("a webhook", () => {
  test("is shown with what was sent, and with its attempts", async () => {
    // The first closing may meet a kept connection, and then costs no try; the second one does.
    hooks.script("/shown", { status: 500, body: "not now" }, "reset", "reset", 204);
    const sent = await send(hooks.url("/shown"));
    const shown = await settled(sent.messageUuid);
    const [first] = await hooks.waitFor("/shown", 4);
    expect(shown).toEqual({
      id: first?.headers["webhook-id"],
      kind: "receipt",
      state: "delivered",
      endpoint: new URL(hooks.url("/")).origin,
      url: hooks.url("/shown"),
      batch_uuid: sent.batchUuid,
      message_uuid: sent.messageUuid,
      tries: 3,
      created_at: ISO,
      next_at: null,
      held: null,
      body: first?.body,
      attempts: [
        expect.objectContaining({
          status: 500,
          fault: null,
          answer: "not now",
          reason: "The answer's status was 500.",
        }),
        expect.objectContaining({
          status: null,
          fault: "reset",
          answer: null,
          reason: expect.stringContaining("closed"),
        }),
        expect.objectContaining({ status: 204, fault: null, answer: null, reason: null }),
      ],
    });
    for (const attempt of shown.attempts) {
      expect(attempt.at).toEqual(ISO);
      expect(attempt.total_ms).toBeGreaterThanOrEqual(attempt.first_byte_ms ?? 0);
      expect(attempt.first_byte_ms ?? 0).toBeGreaterThanOrEqual(attempt.status === null ? 0 : attempt.connect_ms!);
    }
  });

  test("tells when it is tried again as long as it is pending", async () => {
    resting.script("/pending", { status: 503, headers: { "retry-after": "3600" } });
    const { messageUuid } = await send(resting.url("/pending"));
    const pending = await until("the first try to be recorded", async () => {
      const { items } = await list(`?message=${messageUuid}`);
      return items[0]?.tries === 1 && items[0];
    });
    expect(pending).toMatchObject({ state: "pending", last_attempt: { status: 503, fault: null } });
    expect(Date.parse(pending.next_at as string)).toBeGreaterThan(Date.now() + 3_000_000);
    expect(idsOf(await list("?state=pending"))).toEqual([messageUuid]);
  });

  test("tells why TLS failed", async () => {
    const { port, close } = await listenTls(certificate("valid"), (socket) => socket.destroy());
    try {
      const { messageUuid } = await send(`https://127.0.0.1:${port}/`);
      const tried = await until("the first try to be recorded", async () => {
        const { items } = await list(`?message=${messageUuid}`);
        return items[0]?.last_attempt ?? undefined;
      });
      expect(tried).toMatchObject({ status: null, fault: "tls", reason: expect.stringContaining("issuer is unknown") });
    } finally {
      await close();
    }
  });

  test("is found, and named, by the identifiers that its caller gave", async () => {
    const id = randomUUID();
    const { batchUuid } = await send(hooks.url("/given"), { id: id.toUpperCase() });
    const [hook] = await hooks.waitFor("/given", 1);
    const shown = await settled(id);
    expect(shown).toMatchObject({ id: hook?.headers["webhook-id"], message_uuid: id, batch_uuid: batchUuid });
    expect(shown.body).toBe(hook?.body);
    for (const query of [`?message=${id}`, `?message=${shown.id}`, `?batch=${batchUuid}`]) {
      expect(idsOf(await list(query))).toEqual([shown.id]);
    }
    const batch = randomUUID();
    const destinations = ["+447700900131", "+447700900132"];
    await api.sendBatch({ from: "MyShop", message: "x", destinations, callback: hooks.url("/batch"), id: batch });
    const bodies = (await hooks.waitFor("/batch", 2)).map(({ body }) => JSON.parse(body));
    const { items } = await list(`?batch=${batch}`);
    expect(items.map((item) => item.message_uuid).sort()).toEqual(bodies.map((body) => body.messageuuid).sort());
    for (const item of items) expect(item.batch_uuid).toBe(batch);
  });

  test("is its account's alone", async () => {
    const { messageUuid } = await send(hooks.url("/own"));
    await settled(messageUuid);
    const other = api.as(await addAccount(pool));
    expect(await list("", other)).toEqual({ items: [], next: null });
    const paths = [`GET /webhooks/${messageUuid}`, `POST /webhooks/${messageUuid}/replay`];
    for (const [method, path] of paths.map((text) => text.split(" ") as [string, string])) {
      expect((await other.request<Problem>(method, path)).status).toBe(404);
    }
    const range = { state: "delivered", from: "2020-01-01", to: "2100-01-01" };
    expect(
      (
        await other.request("POST", "/webhooks/replay", {
          body: { ...range, from: "2020-01-01T00:00Z", to: "2100-01-01T00:00Z" },
        })
      ).body,
    ).toEqual({ replayed: 0 });
    expect((await api.request("GET", "/webhooks", { key: program.organizationKey })).status).toBe(400);
  });

  test.each(["x", randomUUID()])("that does not exist is 404: %s", async (id) => {
    expect((await api.request("GET", `/webhooks/${id}`)).status).toBe(404);
    expect((await api.request("POST", `/webhooks/${id}/replay`)).status).toBe(404);
  });
});

describe("the list", () => {
  const made: { delivered: string[]; exhausted: string[]; elsewhere: string[] } = {
    delivered: [],
    exhausted: [],
    elsewhere: [],
  };
  let since = "";
  beforeAll(async () => {
    await pool.query("SELECT pg_sleep(0.005)");
    since = new Date().toISOString();
    hooks.script("/list/bad", 500);
    const bad = await api.send({
      messages: Array.from({ length: 3 }, () => ({
        from,
        to: "+447700900140",
        body: "x",
        callback: hooks.url("/list/bad"),
      })),
    });
    const good = await api.send({
      messages: Array.from({ length: 3 }, () => ({
        from,
        to: "+447700900141",
        body: "x",
        callback: hooks.url("/list/good"),
      })),
    });
    const elsewhere = await api.send({
      messages: Array.from({ length: 2 }, () => ({ from, to: "+447700900142", body: "x", callback: others.url("/x") })),
    });
    const newest = (sent: MessageAnswers["messages"]) =>
      sent
        .map(({ messageUuid }) => messageUuid)
        .sort()
        .reverse();
    Object.assign(made, { delivered: newest(good), exhausted: newest(bad), elsewhere: newest(elsewhere) });
    for (const id of [...made.delivered, ...made.exhausted, ...made.elsewhere]) await settled(id);
  });
  const query = (more = "") => `?from=${encodeURIComponent(since)}${more}`;

  test("has the newest first, by state, endpoint and time", async () => {
    const all = [...made.elsewhere, ...made.delivered, ...made.exhausted].sort().reverse();
    expect(idsOf(await list(query()))).toEqual(all);
    expect(idsOf(await list(query("&state=exhausted")))).toEqual(made.exhausted);
    expect(idsOf(await list(query("&state=delivered")))).toEqual(
      [...made.delivered, ...made.elsewhere].sort().reverse(),
    );
    expect(idsOf(await list(query("&state=pending")))).toEqual([]);
    const endpoint = encodeURIComponent(others.url("/some/path"));
    expect(idsOf(await list(query(`&endpoint=${endpoint}`)))).toEqual(made.elsewhere);
    expect(idsOf(await list(query(`&endpoint=${endpoint}&state=exhausted`)))).toEqual([]);
    expect(idsOf(await list(`?to=${encodeURIComponent(since)}`))).not.toContain(made.exhausted[0]);
  });

  test("comes in pages, each once", async () => {
    for (const state of ["", "&state=exhausted", "&state=delivered"]) {
      const whole = idsOf(await list(query(state)));
      const paged: string[] = [];
      let after = "";
      for (;;) {
        const page = await list(query(`${state}&limit=2${after}`));
        expect(page.items.length).toBeLessThanOrEqual(2);
        paged.push(...idsOf(page));
        if (page.next === null) break;
        after = `&after=${page.next}`;
      }
      expect(paged).toEqual(whole);
    }
  });

  test("of few among many is found in short pages, and ends", async () => {
    const other = await addAccount(pool);
    await pool.query(
      `INSERT INTO webhook (id, account_id, url, endpoint, state, leased_by, tries)
       SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, (SELECT max(id) FROM account),
              'http://127.0.0.1:9/', CASE WHEN n % 30000 = 7 THEN 7 ELSE 1 END, 1, 0, 1
       FROM generate_series(1, 50000) AS n`,
    );
    const { rows } = await pool.query<{ id: number }>("SELECT max(id) AS id FROM account");
    const { endpointNumber } = await import("../../src/message/endpoint.ts");
    await pool.query("UPDATE webhook SET endpoint = $1 WHERE account_id = $2 AND endpoint = 7", [
      endpointNumber(rows[0]!.id, "https://few.example"),
      rows[0]!.id,
    ]);
    const found: string[] = [];
    let pages = 0;
    for (let after = ""; ; pages++) {
      const page = await list(`?endpoint=https://few.example&state=delivered${after}`, api.as(other));
      found.push(...idsOf(page));
      if (page.next === null) break;
      after = `&after=${page.next}`;
    }
    expect(found).toEqual(["01900000-0000-7000-8000-000000007537", "01900000-0000-7000-8000-000000000007"]);
    expect(pages).toBeGreaterThan(0);
  });

  test.each([
    ["?state=done", "?state"],
    ["?batch=x", "?batch"],
    ["?message=x", "?message"],
    ["?endpoint=hooks", "?endpoint"],
    ["?from=yesterday", "?from"],
    ["?to=2030-02-31T00:00Z", "?to"],
    ["?after=x", "?after"],
    ["?limit=0", "?limit"],
    ["?limit=1001", "?limit"],
    ["?states=pending", "?states"],
  ])("refuses %s", async (query, path) => {
    const { status, body } = await api.request<Problem>("GET", `/webhooks${query}`);
    expect(status).toBe(400);
    expect(body.errors?.map((fault) => fault.path)).toEqual([path]);
  });
});

describe("a replay", () => {
  test("of one has it tried again with all its retries; what was tried before stays", async () => {
    const { id } = await exhausted("/replay/one");
    const answer = await api.request("POST", `/webhooks/${id}/replay`);
    expect(answer).toMatchObject({ status: 200, body: { replayed: 1 } });
    await hooks.waitFor("/replay/one", 6);
    const again = await until("it to be exhausted again", async () => {
      const webhook = await details(id);
      return webhook.attempts.length === 6 && webhook;
    });
    expect(again).toMatchObject({ state: "exhausted", tries: 3 });
    hooks.script("/replay/one", 200);
    await api.request("POST", `/webhooks/${id}/replay`);
    expect(await settled(id)).toMatchObject({ state: "delivered", tries: 1 });
    const requests = hooks.received("/replay/one");
    expect(requests).toHaveLength(7);
    expect(new Set(requests.map(({ body, headers }) => `${headers["webhook-id"]} ${body}`)).size).toBe(1);
  });

  test("brings forward what waits for its next try", async () => {
    const other = await receiver();
    onTestFinished(other.close);
    other.script("/replay/pending", { status: 503, headers: { "retry-after": "2" } }, 200);
    const { messageUuid } = await send(other.url("/replay/pending"));
    await until(
      "the first try to be recorded",
      async () => (await list(`?message=${messageUuid}`)).items[0]?.tries === 1,
    );
    await api.request("POST", `/webhooks/${messageUuid}/replay`);
    expect(await settled(messageUuid)).toMatchObject({ state: "delivered" });
  });

  test("of a range takes what has that state, at that endpoint, in that time, and nothing else", async () => {
    const from = new Date().toISOString();
    const first = await exhausted("/replay/range/1");
    const second = await exhausted("/replay/range/2");
    const good = await send(hooks.url("/replay/range/good"));
    await settled(good.messageUuid);
    const to = new Date(Date.now() + 1).toISOString();
    const nothing = { state: "exhausted", from, to, endpoint: others.url("/") };
    expect((await api.request("POST", "/webhooks/replay", { body: nothing })).body).toEqual({ replayed: 0 });
    hooks.script("/replay/range/1", 200);
    hooks.script("/replay/range/2", 200);
    const body = { state: "exhausted", from, to, rate: 1_000, endpoint: hooks.url("/") };
    expect((await api.request("POST", "/webhooks/replay", { body })).body).toEqual({ replayed: 2 });
    for (const { id } of [first, second]) expect(await settled(id)).toMatchObject({ state: "delivered", tries: 1 });
    expect((await api.request("POST", "/webhooks/replay", { body })).body).toEqual({ replayed: 0 });
    expect(hooks.received("/replay/range/good")).toHaveLength(1);
    const delivered = { ...body, state: "delivered", from: first.created_at, to: second.created_at };
    expect((await api.request("POST", "/webhooks/replay", { body: delivered })).body).toEqual({ replayed: 1 });
    await hooks.waitFor("/replay/range/1", 5);
  });

  test("falls due at the rate that was asked for, the oldest first", async () => {
    const from = new Date().toISOString();
    hooks.script("/replay/rate", 500);
    const messages = Array.from({ length: 5 }, () => ({
      from: { type: "custom", value: "X" },
      to: "+447700900150",
      body: "x",
      callback: hooks.url("/replay/rate"),
    }));
    const ids = (await api.send({ messages })).map(({ messageUuid }) => messageUuid).sort();
    for (const id of ids) await settled(id);
    const to = new Date(Date.now() + 1).toISOString();
    const now = Date.now();
    const answer = await api.request("POST", "/webhooks/replay", {
      body: { state: "exhausted", from, to, rate: 0.01 },
    });
    expect(answer.body).toEqual({ replayed: 5 });
    const { items } = await list(`?state=pending&from=${encodeURIComponent(from)}`);
    expect(items.map(({ id }) => id)).toEqual(ids.toReversed());
    const due = items.map(({ next_at }) => Date.parse(next_at as string)).reverse();
    due.forEach((at, index) => void expect(Math.abs(at - now - 100_000 * (index + 1))).toBeLessThan(20_000));
    expect(hooks.received("/replay/rate")).toHaveLength(15);
  });

  test.each<[object, string[]]>([
    [{}, ["state", "from", "to"]],
    [{ state: "lost", from: "x", to: "2030-01-01T00:00Z" }, ["state", "from"]],
    [{ state: "exhausted", from: "2020-01-01T00:00Z", to: "2030-01-01T00:00Z", rate: 0 }, ["rate"]],
    [{ state: "exhausted", from: "2020-01-01T00:00Z", to: "2030-01-01T00:00Z", endpoint: "x" }, ["endpoint"]],
    [{ state: "exhausted", from: "2020-01-01T00:00Z", to: "2030-01-01T00:00Z", limit: 5 }, ["limit"]],
  ])("refuses %j", async (body, paths) => {
    const answer = await api.request<Problem>("POST", "/webhooks/replay", { body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map(({ path }) => path).sort()).toEqual(paths.sort());
  });
});
