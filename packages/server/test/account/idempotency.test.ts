import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { ACCEPTED } from "../support/accepted.ts";
import type { Answer, Api, Problem } from "../support/api.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";

const operatorKey = newKey();
// Nothing needs to be sent.
const config = { operatorKey, roles: ["api"] };
const program = await startProgram({ config: { ...config, server: { workers: 2 } } });
// Another program on the same database.
const neighbour = await startProgram({ config, database: program.database });
afterAll(async () => {
  await neighbour.stop();
  await program.stop();
});
const { pool } = program.database;
const organization = await testOrganization(program.api.as(operatorKey), 1_000_000);
const { api } = await organization.account(100_000);
const there = neighbour.api.as(api.key);

const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "once" };
const single = { messages: [message, { ...message, to: "+447700900124" }] };
const batch = { from: "MyShop", message: "once", destinations: ["447700900101", "447700900102"] };

function post(client: Api, key: string, path: string, body: unknown): Promise<Answer<Problem>> {
  return client.request("POST", path, { body, headers: { "idempotency-key": key } });
}

async function count(): Promise<number> {
  const { rows } = await pool.query(`SELECT count(*)::int AS count FROM ${ACCEPTED}`);
  return rows[0].count;
}

const requests: [string, string, unknown, number][] = [
  ["messages", "/message", single, 2],
  ["a batch", "/batch", batch, 2],
  ["a batch in the hosted page's form", "/message", batch, 2],
  ["a message with an id", "/message", { messages: [{ ...message, id: randomUUID() }] }, 1],
  ["a batch with an id", "/batch", { ...batch, id: randomUUID() }, 2],
];

describe("the same request under the same key", () => {
  test.each(requests)("(%s) is done once and answered alike", async (_name, path, body, messages) => {
    const key = randomUUID();
    const before = await count();
    const first = await post(api, key, path, body);
    expect(first.status).toBe(200);
    for (const client of [api, there, api]) {
      const again = await post(client, key, path, body);
      expect({ status: again.status, text: again.text }).toEqual({ status: 200, text: first.text });
      expect(again.headers["content-type"]).toBe(first.headers["content-type"]);
    }
    expect(await count()).toBe(before + messages);
  });

  test.each(requests.slice(0, 3))(
    "(%s) twenty times at once, over two programs, is done once",
    async (_name, path, body, messages) => {
      const key = randomUUID();
      const before = await count();
      const clients = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? api : there));
      const answers = await Promise.all(clients.map((client) => post(client, key, path, body)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(await count()).toBe(before + messages);
    },
  );

  test("(a batch of 5,000) at once is done once, while others are answered", async () => {
    const destinations = Array.from({ length: 5_000 }, (_, index) => `4477${String(index).padStart(8, "0")}`);
    const key = randomUUID();
    const before = await count();
    const clients = [api, there, api, there, api, there];
    // An account has one large request taken in at a time; who waits for five seconds gets a 503, and asks again.
    const ask = async (client: typeof api): ReturnType<typeof post> => {
      for (;;) {
        const answer = await post(client, key, "/batch", { ...batch, destinations });
        if (answer.status !== 503) return answer;
      }
    };
    const all = Promise.all(clients.map(ask));
    let done = false;
    void all.finally(() => {
      done = true;
    });
    let others = 0;
    for (; !done; others++) expect((await post(api, randomUUID(), "/message", single)).status).toBe(200);
    expect(others).toBeGreaterThan(0);
    const answers = await all;
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await count()).toBe(before + 5_000 + others * 2);
  });

  test("is another request for another account", async () => {
    const key = randomUUID();
    const other = await organization.account(10);
    const [mine, theirs] = [await post(api, key, "/message", single), await post(other.api, key, "/message", single)];
    expect({ mine: mine.status, theirs: theirs.status }).toEqual({ mine: 200, theirs: 200 });
    expect(mine.text).not.toBe(theirs.text);
  });

  test("is held once where it is for later, and its cancel does not make it another", async () => {
    const key = randomUUID();
    const body = { ...batch, send_at: new Date(Date.now() + 600_000).toISOString() };
    const first = await post(api, key, "/batch", body);
    expect((await post(there, key, "/batch", body)).text).toBe(first.text);
    const { identifier } = JSON.parse(first.text) as { identifier: string };
    expect((await api.request("DELETE", `/batch/${identifier}`)).status).toBe(200);
    expect((await post(api, key, "/batch", body)).text).toBe(first.text);
    expect((await api.request("GET", `/batch/${identifier}`)).status).toBe(404);
  });

  test("is done again after 24 hours", async () => {
    const key = randomUUID();
    const first = await post(api, key, "/message", single);
    await pool.query("UPDATE idempotency_key SET created_at = now() - interval '24 hours' WHERE key = $1", [key]);
    const later = await post(api, key, "/message", single);
    expect(later.status).toBe(200);
    expect(later.text).not.toBe(first.text);
    expect((await post(there, key, "/message", single)).text).toBe(later.text);
  });
});

describe("another request under the same key", () => {
  const refusal = "/docs#problem-idempotency-key-used";

  test("is refused with 409, through either program", async () => {
    const key = randomUUID();
    await post(api, key, "/message", single);
    const before = await count();
    for (const client of [api, there]) {
      for (const body of [{ messages: [message] }, batch]) {
        const refused = await post(client, key, "/message", body);
        expect({ status: refused.status, type: refused.body.type }).toEqual({ status: 409, type: refusal });
      }
    }
    expect(await count()).toBe(before);
  });

  test("at once: one of them is done, and those like it are answered", async () => {
    const key = randomUUID();
    const before = await count();
    const bodies = Array.from({ length: 20 }, (_, index) => ({
      messages: [{ ...message, body: `text ${index % 4}` }],
    }));
    const answers = await Promise.all(
      bodies.map((body, index) => post(index % 3 === 0 ? there : api, key, "/message", body)),
    );
    const done = answers.flatMap(({ status }, index) => (status === 200 ? [index % 4] : []));
    expect(new Set(done).size).toBe(1);
    expect(done).toHaveLength(5);
    for (const { status, body } of answers) if (status !== 200) expect(body.type).toBe(refusal);
    expect(await count()).toBe(before + 1);
  });
});

describe("a request that was refused", () => {
  test("leaves its key free, whatever it was refused for", async () => {
    const [key, id] = [randomUUID(), randomUUID()];
    const poor = await organization.account(1);
    await poor.api.send({ messages: [{ ...message, id }] });
    const refused = [
      await post(poor.api, key, "/message", { messages: [{ ...message, to: "1" }] }),
      await post(poor.api, key, "/message", { messages: [{ ...message, id }] }),
      await post(poor.api, key, "/message", single),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 409, 402]);
    await organization.api.request("PATCH", poor.path, { body: { topup: 2 } });
    const done = await post(poor.api, key, "/message", single);
    expect(done.status).toBe(200);
    expect((await post(poor.api, key, "/message", single)).text).toBe(done.text);
    expect(await poor.credits()).toBe(0);
  });

  test("leaves identifiers and credits free for its neighbours in the same moment", async () => {
    const poor = await organization.account(3);
    const id = randomUUID();
    const wants = (count: number, key: string) =>
      post(poor.api, key, "/message", {
        messages: Array.from({ length: count }, (_, index) => (index === 0 ? { ...message, id } : message)),
      });
    const answers = await Promise.all([wants(5, "a"), wants(4, "b"), wants(2, "c"), wants(2, "d")]);
    const [first, second, ...affordable] = answers.map(({ status }) => status);
    for (const status of [first, second]) expect([402, 409]).toContain(status);
    expect(affordable.sort()).toEqual([200, 409]);
    expect(await poor.credits()).toBe(1);
  });
});

describe("a dry run", () => {
  test("under a key that was used says what the request would be answered, and uses none", async () => {
    const key = randomUUID();
    const dry = (body: unknown) => post(api, key, "/message?dryRun=true", body);
    expect((await dry(single)).status).toBe(200);
    expect((await dry(batch)).status).toBe(200);
    const first = await post(api, key, "/message", single);
    expect((await dry(single)).text).toBe(first.text);
    expect((await dry(batch)).status).toBe(409);
  });
});

test.each(["", "x".repeat(256)])("a key of %j is none", async (key) => {
  const refused = await post(api, key, "/message", single);
  expect({ status: refused.status, path: refused.body.errors?.[0]?.path }).toEqual({
    status: 400,
    path: "Idempotency-Key",
  });
  expect((await post(api, key, "/batch", batch)).status).toBe(400);
});

test.each(["x".repeat(255), '"8e03978e-40d5-43e8-bc93-6894a57f9324"', "a, b", "ключ".replace(/./gu, "\xff")])(
  "a key may be %j",
  async (key) => {
    const first = await post(api, key, "/message", single);
    expect(first.status).toBe(200);
    expect((await post(there, key, "/message", single)).text).toBe(first.text);
  },
);

test("old keys are swept", async () => {
  const key = randomUUID();
  await post(api, key, "/message", single);
  await pool.query("UPDATE idempotency_key SET created_at = now() - interval '25 hours'");
  const { dropOldIdempotencyKeys } = await import("../../src/store/accounts/idempotency-keys.ts");
  expect(await dropOldIdempotencyKeys(pool, 1_000)).toBe(false);
  expect((await pool.query("SELECT FROM idempotency_key")).rowCount).toBe(0);
});
