import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import type { Api } from "../support/api.ts";
import { addAccount, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const PER_ENDPOINT = 4;

const hooks = await receiver();
afterAll(hooks.close);
// Two processes share the one limit of replays: one in ten minutes.
const program = await startProgram({
  config: {
    server: { workers: 2 },
    limits: { replaysPerMinute: 0.1 },
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { perEndpoint: PER_ENDPOINT, retryDelays: [0.5, 0.5, 0.5, 0.5, 0.5] },
  },
});
afterAll(program.stop);
const { pool } = program.database;

/** A receiver that answers what comes by a rule: 0 takes it, anything else asks for so many seconds with a 429. */
async function limited(rule: () => number) {
  const tries: { at: number; asked: number }[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume().on("end", () => {
      const asked = rule();
      tries.push({ at: performance.now(), asked });
      if (asked === 0) response.writeHead(200).end();
      else response.writeHead(429, { "retry-after": String(asked) }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, tries };
}

async function sendAll(callback: string, count: number): Promise<void> {
  const destinations = Array.from({ length: count }, (_, index) => `447700${String(910_000 + index)}`);
  await program.api.sendBatch({ from: "MyShop", message: "x", destinations, callback });
}

function delivered(url: string, count: number): Promise<boolean> {
  return until("all to be delivered", async () => {
    const text = "SELECT count(*)::int AS count FROM webhook WHERE url = $1 AND state = 1";
    return (await pool.query<{ count: number }>(text, [url])).rows[0]!.count === count;
  });
}

test("a receiver that asks for a pause is left alone until it is over, all of it", async () => {
  let requests = 0;
  const { url, tries } = await limited(() => (++requests === 100 ? 2 : 0));
  await sendAll(url, 300);
  await delivered(url, 300);
  expect(tries).toHaveLength(301);
  const { at: askedAt } = tries.find(({ asked }) => asked > 0)!;
  // Under way when it asked, or started before its answer was read.
  const meanwhile = tries.filter(({ at }) => at > askedAt && at < askedAt + 2_000);
  expect(meanwhile.length).toBeLessThanOrEqual(2 * PER_ENDPOINT);
});

test("one that takes so many a second gets them with few tries in vain", async () => {
  let second = 0;
  let taken = 0;
  const { url, tries } = await limited(() => {
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) taken = 0;
    second = now;
    return ++taken <= 50 ? 0 : 1;
  });
  await sendAll(url, 400);
  await delivered(url, 400);
  expect(tries.length).toBeLessThan(480);
});

const newAccount = async (): Promise<Api> => program.api.as(await addAccount(program.database.pool));
const EVER = { from: "2020-01-01T00:00Z", to: "2100-01-01T00:00Z" };

interface Listed {
  id: string;
  state: string;
  next_at: string | null;
}

/** Sends so many messages, and waits until their webhooks are delivered. */
async function deliveredTo(api: Api, count: number): Promise<string[]> {
  const message = { from: { type: "custom", value: "X" }, to: "+447700900150", body: "x", callback: hooks.url("/") };
  await api.send({ messages: Array.from({ length: count }, () => message) });
  return until("the webhooks", async () => {
    const { items } = (await api.request<{ items: Listed[] }>("GET", "/webhooks?state=delivered")).body;
    return items.length === count && items.map(({ id }) => id);
  });
}

test("an account has so many replayed and no more, over all processes; Retry-After says when there is one more", async () => {
  const api = await newAccount();
  const [id] = await deliveredTo(api, 1);
  const answers = await Promise.all(
    Array.from({ length: 15 }, () => api.request("POST", `/webhooks/${randomUUID()}/replay`)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
  expect((await api.request("POST", `/webhooks/${id}/replay`)).body).toEqual({ replayed: 1 });
  const refused = await Promise.all(Array.from({ length: 10 }, () => api.request("POST", `/webhooks/${id}/replay`)));
  for (const { status, body, headers } of refused) {
    expect({ status, type: body.type }).toEqual({ status: 429, type: "/docs#problem-too-many-replays" });
    expect(headers["retry-after"]).toMatch(/^\d+$/);
    expect(Number(headers["retry-after"])).toBeLessThanOrEqual(600);
  }
  await hooks.waitFor("/", 2);
  const range = await api.request("POST", "/webhooks/replay", { body: { ...EVER, state: "delivered" } });
  expect(range.status).toBe(429);
});

test("a range is replayed whole, each counted, no faster than is allowed, and the next one waits", async () => {
  const api = await newAccount();
  await deliveredTo(api, 9);
  const body = { ...EVER, state: "delivered", rate: 10_000 };
  const nothing = { ...body, state: "exhausted" };
  for (let again = 0; again < 10; again++) {
    expect((await api.request("POST", "/webhooks/replay", { body: nothing })).body).toEqual({ replayed: 0 });
  }
  expect((await api.request("POST", "/webhooks/replay", { body })).body).toEqual({ replayed: 9 });
  const { items } = (await api.request<{ items: Listed[] }>("GET", "/webhooks?state=pending")).body;
  const due = items.map(({ next_at }) => Date.parse(next_at!)).sort((one, other) => one - other);
  for (const [index, at] of due.entries()) if (index > 0) expect(at - due[index - 1]!).toBeCloseTo(600_000, -2);
  const refused = await api.request("POST", "/webhooks/replay", { body: nothing });
  expect({ status: refused.status, type: refused.body.type }).toEqual({
    status: 429,
    type: "/docs#problem-too-many-replays",
  });
  // Eight more than there were, and the one that it takes.
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(4_800);
  expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(5_400);
  expect((await api.request("POST", `/webhooks/${items[0]!.id}/replay`)).status).toBe(429);
  const other = await newAccount();
  expect((await other.request("POST", "/webhooks/replay", { body: nothing })).status).toBe(200);
});
