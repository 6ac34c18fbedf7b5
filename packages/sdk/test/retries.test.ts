import { randomUUID } from "node:crypto";
import { NoAnswerError, type ProblemError } from "@messaging-plus/sdk";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { startWithClients } from "./clients.ts";
import { proxyTo } from "./proxy.ts";

const program = await startWithClients();
afterAll(program.stop);
const proxy = await proxyTo(program.url);
afterAll(proxy.close);
beforeEach(() => void proxy.passed.splice(0));

const { pool } = program.database;
const account = program.client({ baseUrl: proxy.url, key: program.api.key });
const organization = program.client({ baseUrl: proxy.url, key: program.organizationKey });
const from = { type: "custom", value: "MyShop" } as const;
const messages = [{ from, to: "+447700900123", body: "Once" }];
const batch = { from: "MyShop", message: "Once", destinations: ["447700900123", "447700900124"] };
const store = { type: "/docs#problem-store-unavailable", title: "Nothing can be stored", status: 503, detail: "full" };
const unavailable = { status: 503, headers: { "retry-after": "0" }, body: JSON.stringify(store) };
const busy = { status: 429, headers: { "retry-after": "0" }, body: "" };

async function stored(): Promise<number> {
  return (await pool.query("SELECT count(*)::int AS n FROM message")).rows[0].n;
}
const keys = () => proxy.passed.map(({ headers }) => headers["idempotency-key"]);

describe("an answer that is lost", () => {
  test("sends messages once: they are asked for again under the same key", async () => {
    const before = await stored();
    proxy.next("drop the answer", "drop the answer");
    const answer = await account.messages.send({ messages });
    expect(await stored()).toBe(before + 1);
    expect((await account.batches.status(answer.messages[0]!.batchUuid)).counts.total).toBe(1);
    expect(proxy.passed).toHaveLength(4);
    expect(new Set(keys().slice(0, 3)).size).toBe(1);
    expect(keys()[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(proxy.passed.slice(0, 3).map(({ body }) => body)).size).toBe(1);
  });

  test("sends a batch once", async () => {
    const before = await stored();
    proxy.next("drop the answer");
    const { identifier } = await account.batches.send(batch);
    expect(await stored()).toBe(before + 2);
    expect((await account.batches.status(identifier)).counts.total).toBe(2);
  });

  test("two calls are two messages, unless they are given one key", async () => {
    const before = await stored();
    const idempotencyKey = randomUUID();
    const first = await account.messages.send({ messages }, { idempotencyKey });
    expect(await account.messages.send({ messages }, { idempotencyKey })).toEqual(first);
    expect(await account.messages.send({ messages })).not.toEqual(first);
    expect(await stored()).toBe(before + 2);
  });

  test("amid it sends messages once", async () => {
    const before = await stored();
    proxy.next("cut the answer");
    expect((await account.messages.send({ messages })).messages).toHaveLength(1);
    expect(await stored()).toBe(before + 1);
    expect(proxy.passed).toHaveLength(2);
  });

  test("on its way for too long sends messages once", async () => {
    const before = await stored();
    proxy.next("hold the answer");
    const hasty = program.client({ baseUrl: proxy.url, key: program.api.key, timeoutMs: 1_500 });
    expect((await hasty.messages.send({ messages })).messages).toHaveLength(1);
    expect(await stored()).toBe(before + 1);
    expect(new Set(keys()).size).toBe(1);
  });

  test("of a question is asked for again", async () => {
    proxy.next("drop the answer");
    expect(await account.inbound.list().page()).toEqual({ items: [], next: null });
    expect(proxy.passed).toHaveLength(2);
  });

  test("of a change is an error: it may have been done", async () => {
    proxy.next("drop the answer");
    const error = await organization.accounts.create("Lost").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(proxy.passed).toHaveLength(1);
    const { accounts } = await organization.accounts.list();
    expect(accounts.filter(({ name }) => name === "Lost")).toHaveLength(1);
  });

  test("is an error once it was lost too often", async () => {
    const before = await stored();
    proxy.next("drop the answer", "drop the answer");
    const client = program.client({ baseUrl: proxy.url, key: program.api.key, retries: 1 });
    await expect(client.messages.send({ messages })).rejects.toThrow(/^http:\/\/127\.0\.0\.1:\d+ does not answer: /);
    expect(proxy.passed).toHaveLength(2);
    expect(await stored()).toBe(before + 1);
  });
});

describe("a refusal in passing", () => {
  test.each([
    ["503", unavailable],
    ["429", busy],
    ["502 of a proxy", { status: 502, body: "<html>Bad Gateway</html>" }],
  ])("(%s) of what is to be sent is asked again", async (_name, refusal) => {
    proxy.next(refusal, refusal);
    expect((await account.messages.send({ messages })).messages).toHaveLength(1);
    expect(new Set(keys()).size).toBe(1);
    expect(proxy.passed).toHaveLength(3);
  });

  test("(429) of a change is asked again, because nothing was done", async () => {
    proxy.next(busy);
    await organization.accounts.create("Asked twice");
    expect(proxy.passed).toHaveLength(2);
  });

  test("(503) of a change is an error: a commit's answer may have been lost", async () => {
    proxy.next(unavailable);
    const error = await organization.accounts.create("Not asked again").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: 503, problem: "store-unavailable", retryAfter: 0 });
    expect(proxy.passed).toHaveLength(1);
  });

  test("that asks for much patience is an error, and says how much", async () => {
    proxy.next({ ...unavailable, headers: { "retry-after": "60" } });
    const error = (await account.messages.send({ messages }).catch((reason: unknown) => reason)) as ProblemError;
    const { problem, retryAfter } = error;
    expect({ problem, retryAfter }).toEqual({ problem: "store-unavailable", retryAfter: 60 });
    expect(proxy.passed).toHaveLength(1);
  });

  test("of a health check is its answer", async () => {
    proxy.next(unavailable);
    await expect(account.server.ready()).rejects.toMatchObject({ problem: "store-unavailable" });
    expect(proxy.passed).toHaveLength(1);
  });
});

test("a key that is none is refused without being quoted, and an idempotency key before anything is asked", async () => {
  for (const key of ["secret\n", "sec\nret", "schlüssel"]) {
    expect(() => program.client({ key })).toThrow(/^the key has characters that a key cannot have$/);
  }
  const idempotencyKey = "order\n1";
  await expect(account.messages.send({ messages }, { idempotencyKey })).rejects.toThrow(TypeError);
  expect(proxy.passed).toEqual([]);
});

test("the key is in the header of every request, and in no URL and no error", async () => {
  proxy.next({ status: 404, body: "not here" });
  const error = await account.batches.status("x").catch((reason: unknown) => reason);
  await account.messages.send({ messages });
  for (const { url, headers } of proxy.passed) {
    expect(headers.authorization).toBe(`Bearer ${program.api.key}`);
    expect(url).not.toContain(program.api.key);
  }
  const { inspect } = await import("node:util");
  expect(inspect([error, account], { depth: 10, showHidden: true })).not.toContain(program.api.key);
});
