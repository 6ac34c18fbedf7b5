import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import type { Api } from "../support/api.ts";
import { addAccount, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

// Two processes share the one limit: one in ten minutes.
const hooks = await receiver();
afterAll(hooks.close);
const program = await startProgram({
  config: {
    server: { workers: 2 },
    limits: { replaysPerMinute: 0.1 },
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
  },
});
afterAll(program.stop);

const newAccount = async (): Promise<Api> => program.api.as(await addAccount(program.database.pool));
const EVER = { from: "2020-01-01T00:00Z", to: "2100-01-01T00:00Z" };

interface Listed {
  id: string;
  state: string;
  next_at: string | null;
}

/** Sends so many messages, and waits until their webhooks are delivered. */
async function delivered(api: Api, count: number): Promise<string[]> {
  const message = { from: { type: "custom", value: "X" }, to: "+447700900150", body: "x", callback: hooks.url("/") };
  await api.send({ messages: Array.from({ length: count }, () => message) });
  return until("the webhooks", async () => {
    const { items } = (await api.request<{ items: Listed[] }>("GET", "/webhooks?state=delivered")).body;
    return items.length === count && items.map(({ id }) => id);
  });
}

test("an account has so many replayed and no more, over all processes; Retry-After says when there is one more", async () => {
  const api = await newAccount();
  const [id] = await delivered(api, 1);
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
  await delivered(api, 9);
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
