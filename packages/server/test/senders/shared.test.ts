import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashOf } from "../../src/store/handsets/handset-hash.ts";
import type { MessageAnswers, Problem } from "../support/api.ts";
import { testOrganization } from "../support/organization.ts";
import { addAccount, newKey, type Program, startProgram } from "../support/program.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";

const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const numbers = ["447700900001", "447700900002"];
const operatorKey = newKey();
const program = await startProgram({
  config: { operatorKey, server: { workers: 2 }, senders: { shared: numbers }, carriers: [smsc.carrier()] },
});
afterAll(program.stop);
const { api } = program;
const [second, third] = [
  api.as(await addAccount(program.database.pool)),
  api.as(await addAccount(program.database.pool)),
];

const shared = { type: "shared" };
const to = (handset: string) => ({ from: shared, to: handset, body: "x" });

async function numberFor(client: typeof api, handset: string, query = ""): Promise<string> {
  const [sent] = await client.send({ messages: [to(handset)] }, query);
  expect(sent?.from.type).toBe("shared");
  return sent?.from.value as string;
}

test("answers with a number of the pool, sends from it, and keeps it for the account and the handset", async () => {
  const number = await numberFor(api, "+447700900201");
  expect(numbers).toContain(number);
  const [submitted] = await smsc.waitFor("447700900201");
  expect(submitted).toMatchObject({ source_addr: number, source_addr_ton: 1, source_addr_npi: 1 });
  for (let again = 0; again < 6; again++) expect(await numberFor(api, "447700900201")).toBe(number);
  const messages = [to("447700900201"), { ...to("447700900201"), from: { type: "custom", value: "MyShop" } }];
  expect((await api.send({ messages })).map(({ from }) => from)).toEqual([
    { type: "shared", value: number },
    { type: "custom", value: "MyShop" },
  ]);
});

test("two accounts at once have different numbers for a handset, and a third is refused with 409, nothing sent", async () => {
  const both = await Promise.all([api, second, api, second].map((client) => numberFor(client, "447700900202")));
  expect(both.slice(0, 2).sort()).toEqual(numbers);
  expect(both.slice(2)).toEqual(both.slice(0, 2));
  const body = { messages: [to("447700900203"), to("447700900202")] };
  const refused = await third.request<Problem>("POST", "/message", { body });
  expect(refused).toMatchObject({
    status: 409,
    body: { type: "/docs#problem-no-shared-number", errors: [{ path: "messages[1].from" }] },
  });
  expect(await third.request("POST", "/message?dryRun=true", { body })).toMatchObject({ status: 409 });
  const { rows } = await program.database.pool.query(
    `SELECT FROM message WHERE destination = 447700900203
     UNION ALL SELECT FROM shared_lock WHERE handset_hash = ${hashOf("447700900203")}`,
  );
  expect(rows).toEqual([]);
});

describe("another program on the same database, which takes registered senders alone", () => {
  let other: Program;
  beforeAll(async () => {
    const senders = { shared: numbers, unregistered: "refuse" };
    const config = { operatorKey, accountKey: api.key, senders, carriers: [smsc.carrier()] };
    other = await startProgram({ config, database: program.database });
  });
  afterAll(() => other.stop());

  test("two accounts at once, each in both programs, never share a number and each keep theirs", async () => {
    const handsets = Array.from({ length: 20 }, (_, index) => `4477009003${String(index).padStart(2, "0")}`);
    const clients = [api, second].flatMap((client) => [client, other.api.as(client.key)]);
    const given = await Promise.all(
      handsets.map(async (handset) => Promise.all(clients.map((client) => numberFor(client, handset)))),
    );
    for (const [mine, mineThere, theirs, theirsThere] of given) {
      expect({ mineThere, theirsThere }).toEqual({ mineThere: mine, theirsThere: theirs });
      expect([mine, theirs].sort()).toEqual(numbers);
    }
  });

  test("senders.unregistered: refuse takes registered senders alone", async () => {
    const send = (value: string) =>
      other.api.request("POST", "/message", {
        body: { messages: [{ from: { type: "custom", value }, to: "+447700900123", body: "x" }] },
      });
    expect(await send("MyShop")).toMatchObject({
      status: 403,
      body: { errors: [{ path: "messages[0].from.value", message: "is registered to nobody" }] },
    });
    const organization = other.api.as(other.organizationKey);
    expect((await organization.request("POST", "/sender", { body: { value: "MyShop" } })).status).toBe(200);
    expect((await send("MyShop")).status).toBe(200);
  });
});

test("a request that is refused locks nothing, nor changes what others have", async () => {
  const poor = await (await testOrganization(api.as(operatorKey), 10)).account(1);
  const locked = async () => {
    const { rows } = await program.database.pool.query(`
      SELECT l.account_id, l.number FROM shared_lock l JOIN account a ON a.id = l.account_id
      WHERE a.identifier = '${poor.identifier}'`);
    return rows.length;
  };
  const asked = (handsets: string[], more: object = {}, headers = {}) =>
    poor.api.request<Problem>("POST", "/message", {
      body: { messages: handsets.map((handset) => ({ ...to(handset), ...more })) },
      headers,
    });
  const short = await asked(["447700900210", "447700900211"]);
  expect({ status: short.status, locked: await locked() }).toEqual({ status: 402, locked: 0 });
  const id = randomUUID();
  const used = await asked(["447700900212"], { id });
  expect({ status: used.status, locked: await locked() }).toEqual({ status: 200, locked: 1 });
  const again = await asked(["447700900213"], { id });
  expect({ status: again.status, locked: await locked() }).toEqual({ status: 409, locked: 1 });
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const held = await asked(["447700900214"], { send_at: later });
  expect({ status: held.status, locked: await locked() }).toEqual({ status: 402, locked: 1 });
  const key = { "idempotency-key": randomUUID() };
  expect({ status: (await asked(["447700900215"], {}, key)).status, locked: await locked() }).toEqual({
    status: 402,
    locked: 1,
  });
  // In one flush, those that are stored have their locks, and are charged once.
  const rich = await (await testOrganization(api.as(operatorKey), 100)).account(5);
  const handsets = Array.from({ length: 10 }, (_, index) => `44770090022${index}`);
  const answers = await Promise.all(
    handsets.map((handset) => rich.api.request("POST", "/message", { body: { messages: [to(handset)] } })),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  expect(await rich.credits()).toBe(0);
  const { rows } = await program.database.pool.query(`
    SELECT FROM shared_lock l JOIN account a ON a.id = l.account_id WHERE a.identifier = '${rich.identifier}'`);
  expect(rows).toHaveLength(5);
});

test("a dry run says which number it would be, and locks none", async () => {
  const number = await numberFor(api, "447700900204", "?dryRun=true");
  expect(numbers).toContain(number);
  const { rows } = await program.database.pool.query(
    `SELECT FROM shared_lock WHERE handset_hash = ${hashOf("447700900204")}`,
  );
  expect(rows).toEqual([]);
  expect(await numberFor(api, "447700900204")).toBe(number);
});

test("works from defaults, for scheduled messages, and once under an idempotency key", async () => {
  const [first] = await api.send({ messages: [{ to: "447700900205" }], defaults: { from: shared, body: "x" } });
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const [scheduled] = await api.send({ messages: [{ ...to("447700900205"), send_at: later }] });
  expect(scheduled).toMatchObject({ scheduled: true, from: first?.from });
  const { body: pending } = await api.request<{ batches: { from: string }[] }>("GET", "/batch");
  expect(pending.batches).toMatchObject([{ from: first?.from.value }]);
  const headers = { "idempotency-key": randomUUID() };
  const once = () =>
    api.request<MessageAnswers>("POST", "/message", { body: { messages: [to("447700900206")] }, headers });
  const [one, other] = [await once(), await once()];
  expect(other.body).toEqual(one.body);
  expect(numbers).toContain(one.body.messages[0]?.from.value);
});

test("a value beside it is a fault, and a batch takes none", async () => {
  const named = { ...to("447700900207"), from: { type: "shared", value: "447700900001" } };
  expect((await api.request("POST", "/message", { body: { messages: [named] } })).status).toBe(400);
  const batch = { from: shared, message: "x", destinations: ["447700900207"] };
  expect((await api.request("POST", "/batch", { body: batch })).status).toBe(400);
});
