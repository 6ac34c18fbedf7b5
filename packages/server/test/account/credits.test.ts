import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { ACCEPTED } from "../support/accepted.ts";
import { type Answer, type Api, inTurn, type Problem } from "../support/api.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const operatorKey = newKey();
const config = { operatorKey, server: { workers: 2 }, carriers: [{ id: "s", type: "simulator", receiptDelay: 0 }] };
const program = await startProgram({ config });
// Another program on the same database, which sends nothing.
const neighbour = await startProgram({ config: { operatorKey, roles: ["api"] }, database: program.database });
afterAll(async () => {
  await neighbour.stop();
  await program.stop();
});
const { pool } = program.database;
const operator = program.api.as(operatorKey);
const organization = await testOrganization(operator, 1_000_000);

const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };
const long = { ...message, body: "x".repeat(400) };
const batch = { from: "MyShop", message: "x", destinations: ["447700900101", "447700900102", "447700900103"] };
const SHORT = "/docs#problem-credits-short";

function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}

function post(api: Api, body: unknown, path = "/message"): Promise<Answer<Problem>> {
  return inTurn(() => api.request("POST", path, { body }));
}

async function rows(api: Api): Promise<number> {
  const { rows: found } = await pool.query(
    `SELECT count(*)::int AS count FROM ${ACCEPTED} JOIN api_key k ON k.account_id = accepted.account_id
     WHERE k.hash = sha256(convert_to($1, 'UTF8'))`,
    [api.key],
  );
  return found[0].count;
}

describe("a message costs its parts", () => {
  test("one by one, in a request of many, and in a batch; the ledger tells which", async () => {
    const account = await organization.account(100);
    const [one] = await account.api.send({ messages: [message] });
    expect(await account.credits()).toBe(99);
    const many = await account.api.send({ messages: [long, message, { ...message, id: randomUUID() }] });
    expect(await account.credits()).toBe(94);
    const id = randomUUID();
    await account.api.sendBatch({ ...batch, message: long.body, id }, "?allowMulti=true");
    expect(await account.credits()).toBe(85);
    const twice = await account.api.sendBatch({ ...batch, destinations: ["447700900101", "+447700900101"] });
    expect(await account.credits()).toBe(84);
    const charges = (await account.ledger()).map(({ kind, credits, balance, batch_uuid }) => {
      return [kind, credits, balance, batch_uuid];
    });
    expect(charges).toEqual([
      ["topup", 100, 100, null],
      ["charge", -1, 99, one?.batchUuid],
      ["charge", -3, 96, many[0]?.batchUuid],
      ["charge", -1, 95, many[1]?.batchUuid],
      ["charge", -1, 94, many[2]?.batchUuid],
      ["charge", -9, 85, id],
      ["charge", -1, 84, twice],
    ]);
  });

  test("where nothing is priced, nothing", async () => {
    const free = await (await testOrganization(operator)).account(5);
    await free.api.send({ messages: [message, long] });
    const held = await free.api.sendBatch({ ...batch, send_at: inMinutes(30) });
    expect(await free.credits()).toBe(5);
    expect((await free.api.request("DELETE", `/batch/${held}`)).status).toBe(200);
    expect(await free.credits()).toBe(5);
    expect((await free.ledger()).map(({ kind }) => kind)).toEqual(["topup"]);
  });

  test("from the moment on that it is switched on, and until it is switched off, through every program", async () => {
    const own = await testOrganization(operator);
    const account = await own.account(4);
    const there = neighbour.api.as(account.api.key);
    const price = (credits: boolean) =>
      operator.request("PATCH", `/organization/${own.identifier}`, { body: { credits } });
    for (let round = 0; round < 3; round++) {
      await there.send({ messages: [message] });
      expect((await price(true)).status).toBe(200);
      await Promise.all([there.send({ messages: [message] }), account.api.sendBatch(batch)]);
      expect(await account.credits()).toBe(0);
      expect((await post(there, { messages: [message] })).status).toBe(402);
      expect((await post(there, batch, "/batch")).status).toBe(402);
      expect((await price(false)).status).toBe(200);
      await Promise.all([there.send({ messages: [message] }), there.sendBatch(batch)]);
      expect(await account.credits()).toBe(0);
      await own.api.request("PATCH", account.path, { body: { topup: 4 } });
    }
  });
});

describe("a request that costs more than there is", () => {
  test.each<[string, string, unknown]>([
    ["a message", "/message", { messages: [{ ...message, body: "x".repeat(1_000) }] }],
    ["messages", "/message", { messages: Array.from({ length: 6 }, () => message) }],
    [
      "messages with ids",
      "/message",
      { messages: Array.from({ length: 6 }, () => ({ ...message, id: randomUUID() })) },
    ],
    ["a batch", "/batch", { ...batch, destinations: Array.from({ length: 6 }, (_, n) => `44770090010${n}`) }],
    [
      "a batch in portions",
      "/batch",
      { ...batch, destinations: Array.from({ length: 2_500 }, (_, n) => `${447e9 + n}`) },
    ],
    ["a batch for later", "/batch", { ...batch, message: long.body, send_at: "2040-01-01T00:00Z" }],
    ["messages for now and later", "/message", { messages: [long, { ...long, send_at: "2040-01-01T00:00Z" }] }],
  ])("(%s) is refused whole, also on a dry run", async (_name, path, body) => {
    const account = await organization.account(5);
    for (const query of ["?dryRun=true&allowMulti=true", "?allowMulti=true"]) {
      const refused = await account.api.request("POST", `${path}${query}`, { body });
      expect({ status: refused.status, type: refused.body.type }).toEqual({ status: 402, type: SHORT });
    }
    expect(await account.credits()).toBe(5);
    expect(await rows(account.api)).toBe(0);
    expect(await account.ledger()).toHaveLength(1);
    expect((await account.api.request("GET", "/batch")).body).toEqual({ batches: [] });
    // What it can pay still goes, with the identifiers that the refused one had.
    const again = body as { messages?: { id?: string }[] };
    const first = { messages: [{ ...message, id: again.messages?.[0]?.id }] };
    expect((await post(account.api, first)).status).toBe(200);
    expect(await account.credits()).toBe(4);
  });

  test("is sent on credit where the account may overdraw", async () => {
    const account = await organization.account(2, { overdraft: true });
    await account.api.send({ messages: [long] });
    expect(await account.credits()).toBe(-1);
    await account.api.sendBatch(batch);
    const held = await account.api.sendBatch({ ...batch, send_at: inMinutes(30) });
    expect(await account.credits()).toBe(-7);
    await account.api.request("DELETE", `/batch/${held}`);
    await organization.api.request("PATCH", account.path, { body: { overdraft: false } });
    expect((await post(account.api, { messages: [message] })).status).toBe(402);
    await organization.api.request("PATCH", account.path, { body: { topup: 5 } });
    expect((await post(account.api, { messages: [message] })).status).toBe(200);
    expect(await account.credits()).toBe(0);
  });

  test("a dry run costs nothing", async () => {
    const account = await organization.account(5);
    await account.api.send({ messages: [message] }, "?dryRun=true");
    await account.api.sendBatch(batch, "?isDryrun=true");
    expect(await account.credits()).toBe(5);
  });
});

describe("sixty sends at once on 36 credits", () => {
  const kinds: [string, (index: number) => [string, unknown]][] = [
    ["plain", () => ["/message", { messages: [message] }]],
    ["with ids", () => ["/message", { messages: [{ ...message, id: randomUUID() }] }]],
    ["batches", () => ["/batch", { ...batch, destinations: ["447700900101"] }]],
    ["for later", () => ["/message", { messages: [{ ...message, send_at: "2040-01-01T00:00Z" }] }]],
    ["mixed", (index) => (kinds[index % 4] as (typeof kinds)[0])[1](index)],
  ];
  test.each(kinds)("(%s): 36 go, 24 are 402", async (_name, request) => {
    const account = await organization.account(36);
    const clients = [account.api, neighbour.api.as(account.api.key)];
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        const [path, body] = request(index);
        return post(clients[index % 2] as Api, body, path);
      }),
    );
    const statuses = answers.map(({ status }) => status);
    expect([200, 402].map((status) => statuses.filter((each) => each === status).length)).toEqual([36, 24]);
    expect(await account.credits()).toBe(0);
    const ledger = await account.ledger();
    expect(ledger.slice(1).map(({ balance }) => balance)).toEqual(Array.from({ length: 36 }, (_, index) => 35 - index));
  });

  test("of different sizes: one too dear does not stand before those behind it", async () => {
    const account = await organization.account(10);
    const sizes = [8, 5, 2, 1];
    const answers = await Promise.all(
      sizes.map((count) => post(account.api, { messages: Array.from({ length: count }, () => message) })),
    );
    const paid = sizes.filter((_, index) => answers[index]?.status === 200).reduce((sum, size) => sum + size, 0);
    const left = await account.credits();
    expect(left).toBe(10 - paid);
    sizes.forEach((size, index) => {
      if (answers[index]?.status === 402) expect(size).toBeGreaterThan(left);
    });
  });
});

describe("what is held for later", () => {
  test("is freed by a cancel, and only once", async () => {
    const account = await organization.account(50);
    const held = await account.api.sendBatch({ ...batch, send_at: inMinutes(30) });
    expect(await account.credits()).toBe(47);
    const cancels = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? account.api : neighbour.api.as(account.api.key)).request("DELETE", `/batch/${held}`),
      ),
    );
    expect(cancels.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 404)]);
    expect(await account.credits()).toBe(50);
    expect((await account.ledger()).slice(1)).toMatchObject([
      { kind: "hold", credits: -3, balance: 47, batch_uuid: held },
      { kind: "cancel", credits: 3, balance: 50, batch_uuid: held },
    ]);
  });

  test("is not charged again when it is sent", async () => {
    const account = await organization.account(50);
    const held = await account.api.sendBatch({ ...batch, send_at: inMinutes(30) });
    await pool.query("UPDATE pending_batch SET at = now() WHERE id = $1", [held]);
    await until("the batch to be delivered", async () => (await account.api.status(held)).counts.delivered === 3);
    expect(await account.credits()).toBe(47);
  });

  test("is freed at the price at which it was held", async () => {
    const own = await testOrganization(operator);
    const account = await own.account(10);
    const price = (credits: boolean) =>
      operator.request("PATCH", `/organization/${own.identifier}`, { body: { credits } });
    const before = await account.api.sendBatch({ ...batch, send_at: inMinutes(30) });
    await price(true);
    const priced = await account.api.sendBatch({ ...batch, send_at: inMinutes(31) });
    expect(await account.credits()).toBe(7);
    await price(false);
    for (const uuid of [before, priced]) await account.api.request("DELETE", `/batch/${uuid}`);
    expect(await account.credits()).toBe(10);
  });

  test("goes back to the organization with the rest when the account is deactivated", async () => {
    const own = await testOrganization(operator, 100);
    const account = await own.account(60);
    const held = [];
    for (let index = 0; index < 3; index++)
      held.push(await account.api.sendBatch({ ...batch, send_at: inMinutes(30) }));
    await account.api.send({ messages: [long] });
    expect(await account.credits()).toBe(48);
    await own.api.request("DELETE", account.path);
    expect(await account.credits()).toBe(0);
    const ledger = await account.ledger();
    expect(ledger.map(({ kind, credits }) => [kind, credits])).toEqual([
      ["topup", 60],
      ["hold", -3],
      ["hold", -3],
      ["hold", -3],
      ["charge", -3],
      ["cancel", 3],
      ["cancel", 3],
      ["cancel", 3],
      ["return", -57],
    ]);
    expect(ledger.map(({ balance }) => balance)).toEqual([60, 57, 54, 51, 48, 51, 54, 57, 0]);
    expect(new Set(ledger.slice(5, 8).map(({ batch_uuid }) => batch_uuid))).toEqual(new Set(held));
    const again = await own.account(97);
    expect(await again.credits()).toBe(97);
    expect((await own.api.request("PATCH", again.path, { body: { topup: 1 } })).status).toBe(402);
  });
});
