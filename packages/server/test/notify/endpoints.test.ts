import { afterAll, beforeAll, expect, test } from "vitest";
import type { Problem } from "../support/api.ts";
import { addAccount, newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

interface Endpoint {
  origin: string;
  account_uuid: string;
  state: string;
  since: string;
  waiting: number;
  next_probe_at: string | null;
  last: { at: string; status: number | null; fault: string | null };
}

interface Webhook {
  id: string;
  state: string;
  next_at: string | null;
  held: { why: string; since: string; next_probe_at: string } | null;
}

interface List<Item> {
  items: Item[];
  next: string | null;
}

const MESSAGES = 40;
const good = await receiver();
const bad = await receiver();
const resting = await receiver();
for (const { close } of [good, bad, resting]) afterAll(close);
const operatorKey = newKey();
const program = await startProgram({
  config: {
    operatorKey,
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { retryDelays: [0.1, 0.1, 0.1, 0.1, 0.1] },
  },
});
afterAll(program.stop);
const { api, organizationKey } = program;
const operator = api.as(operatorKey);
const origin = (of: { url(path: string): string }): string => new URL(of.url("/")).origin;

async function list(client = api, query = ""): Promise<List<Endpoint>> {
  const { status, body } = await client.request<List<Endpoint>>("GET", `/endpoints${query}`);
  expect(status).toBe(200);
  return body;
}

async function webhooks(of: { url(path: string): string }, state: string): Promise<Webhook[]> {
  const { body } = await api.request<List<Webhook>>("GET", `/webhooks?endpoint=${origin(of)}&state=${state}`);
  return body.items;
}

beforeAll(async () => {
  bad.script("/", 500);
  resting.script("/", { status: 429, headers: { "retry-after": "3600" } });
  const destinations = Array.from({ length: MESSAGES }, (_, index) => `447700${String(910_000 + index)}`);
  for (const { url } of [good, bad, resting]) {
    await api.sendBatch({ from: "MyShop", message: "x", destinations, callback: url("/") });
  }
  await until(
    "the endpoints to be as they will be",
    async () => {
      const { items } = await list();
      return items.find((item) => item.origin === origin(bad))?.state === "probed" && items.length === 3;
    },
    list,
  );
});

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

test("endpoints are listed with how they do, those that fail first", async () => {
  const { items, next } = await list();
  expect(next).toBeNull();
  const common = { account_uuid: expect.stringMatching(/^[0-9a-f-]{36}$/), since: TIME, waiting: expect.any(Number) };
  const last = { at: TIME, fault: null };
  expect(items).toEqual([
    { ...common, origin: origin(bad), state: "probed", next_probe_at: TIME, last: { ...last, status: 500 } },
    { ...common, origin: origin(resting), state: "failing", next_probe_at: TIME, last: { ...last, status: 429 } },
    { ...common, origin: origin(good), state: "ok", next_probe_at: null, last: { ...last, status: 200 } },
  ]);
  expect(items[0]!.waiting).toBeGreaterThan(0);
  expect(Date.parse(items[1]!.next_probe_at!)).toBeGreaterThan(Date.now() + 3_000_000);
});

test("an organization sees those of its accounts, the operator all, another account none", async () => {
  const origins = (await list()).items.map((item) => item.origin);
  for (const client of [api.as(organizationKey), operator]) {
    expect((await list(client)).items.map((item) => item.origin)).toEqual(origins);
  }
  expect(await list(api.as(await addAccount(program.database.pool)))).toEqual({ items: [], next: null });
  expect((await api.as(newKey()).request("GET", "/endpoints")).status).toBe(400);
});

test("they come in pages, each once", async () => {
  const origins: string[] = [];
  for (let after = ""; ; ) {
    const { items, next } = await list(api, `?limit=1${after}`);
    origins.push(...items.map((item) => item.origin));
    if (next === null) break;
    after = `&after=${next}`;
  }
  expect(origins.sort()).toEqual([bad, resting, good].map(origin).sort());
  for (const cursor of ["x", "3.1.1", "1.9999999999.1"]) {
    const { status, body } = await api.request<Problem>("GET", `/endpoints?after=${cursor}`);
    expect({ status, paths: body.errors?.map(({ path }) => path) }).toEqual({ status: 400, paths: ["?after"] });
  }
});

test.each([
  ["endpoint_fails", bad],
  ["retry_after", resting],
])("a webhook that is held back says so (%s), and no next try is in the past", async (why, of) => {
  const held = await until("what is due to be held", async () => {
    const now = Date.now();
    const items = await webhooks(of, "pending");
    for (const { next_at: nextAt } of items) expect(Date.parse(nextAt!)).toBeGreaterThanOrEqual(now);
    const some = items.filter((item) => item.held !== null);
    return some.length > 0 && some;
  });
  for (const item of held) {
    expect(item.held).toEqual({ why, since: TIME, next_probe_at: TIME });
    expect(Date.parse(item.next_at!)).toBeGreaterThanOrEqual(Date.parse(item.held!.next_probe_at));
  }
  const { body } = await api.request<Webhook>("GET", `/webhooks/${held[0]!.id}`);
  expect(body).toHaveProperty("held");
  if (why === "retry_after") expect(body.held).toEqual(held[0]!.held);
});

test("what is delivered is not held", async () => {
  const delivered = await webhooks(good, "delivered");
  expect(delivered).toHaveLength(MESSAGES);
  expect(delivered.map(({ held, next_at }) => [held, next_at])).toEqual(delivered.map(() => [null, null]));
});

test("the webhooks of messages to a number are found by it, whole or by its last digits, beside the other filters", async () => {
  const found = async (query: string) => {
    const { body } = await api.request<List<Webhook>>("GET", `/webhooks?${query}`);
    return { items: body.items.map(({ state }) => state).sort(), next: body.next };
  };
  expect({
    whole: await found("to=%2B447700910007"),
    ending: await found("to=*910007"),
    state: await found("to=447700910007&state=delivered"),
    endpoint: await found(`to=447700910007&endpoint=${origin(bad)}&state=delivered`),
    nobody: await found("to=447700999999"),
    time: (await found("to=2020-01-01T00:00Z")).items,
  }).toMatchObject({
    whole: { items: [expect.any(String), expect.any(String), expect.any(String)], next: null },
    ending: { items: { length: 3 } },
    state: { items: ["delivered"] },
    endpoint: { items: [] },
    nobody: { items: [], next: null },
    time: [],
  });
  const first = await api.request<List<Webhook>>("GET", "/webhooks?to=447700910007&limit=2");
  const rest = await api.request<List<Webhook>>("GET", `/webhooks?to=447700910007&limit=2&after=${first.body.next}`);
  const ids = [...first.body.items, ...rest.body.items].map(({ id }) => id);
  expect({ pages: [first.body.items.length, rest.body.items.length], different: new Set(ids).size }).toEqual({
    pages: [2, 1],
    different: 3,
  });
  const { status, body } = await api.request<Problem>("GET", "/webhooks?to=yesterday");
  expect({ status, path: body.errors?.[0]?.path }).toEqual({ status: 400, path: "?to" });
});
