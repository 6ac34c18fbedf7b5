import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import type { Api, MessageAnswers, Problem } from "../support/api.ts";
import { command } from "../support/command.ts";
import { Handset, type InboundBody } from "../support/handset.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const operatorKey = newKey();
const program = await startProgram({
  config: {
    operatorKey,
    senders: { shared: ["447700900001", "447700900002"] },
    carriers: [smsc.carrier()],
    callbacks: { retryDelays: [0.2], allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
const { pool } = program.database;
const operator = program.api.as(operatorKey);
const BYSTANDER = "447700900799";

let handsets = 0;
const newNumber = () => `4477009007${String(++handsets).padStart(2, "0")}`;
/** In whatever a handset is sent or sends: what must be found nowhere afterwards. */
const secretOf = (handset: string) => `secret-of-${handset.slice(-3)}`;

interface Erasure {
  messages: number;
  inbound: number;
  scheduled: number;
  pending: number;
}

async function erase(organization: Api, handset: string): Promise<Erasure> {
  const answer = await organization.request<Erasure>("DELETE", `/handset/+${handset}`);
  expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: answer.text });
  return answer.body;
}

/** The rows, of any table, that name a number or its texts. */
async function traces(handset: string): Promise<string[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query(
      `SELECT t::text AS row FROM ${name} t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0`,
      [handset, secretOf(handset)],
    );
    found.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  return found;
}

async function ended(api: Api, batch: string, total = 1) {
  return until("the batch's end", async () => {
    const status = await api.status(batch);
    return status.counts.delivered + status.counts.failed === total && status;
  });
}

/** One message, and its webhook at a path that names the handset, answered with its number. */
async function send(api: Api, handset: string, more: object = {}) {
  const callback = hooks.url(`/${handset}?to=${handset}`);
  const message = { from: { type: "shared" }, to: handset, body: secretOf(handset), callback, ...more };
  return (await api.send({ messages: [message] }))[0]!;
}

const webhook = async (api: Api, id: string) =>
  (
    await api.request<{ url: string; body: string | null; state: string; attempts: { answer: string | null }[] }>(
      "GET",
      `/webhooks/${id}`,
    )
  ).body;

test("erases final messages with their webhooks from every table; counts, codes and identifiers stay", async () => {
  const organization = await testOrganization(operator);
  const account = await organization.account();
  const other = await (await testOrganization(operator)).account();
  const handset = newNumber();
  hooks.script(`/${handset}?to=${handset}`, { status: 200, body: `"thanks", ${handset} \\ \0` });
  const single = await send(account.api, handset);
  const destinations = [BYSTANDER, handset];
  const callback = hooks.url(`/${handset}?to=${handset}`);
  const alone = await account.api.sendBatch({
    from: "MyShop",
    message: secretOf(handset),
    destinations: [handset],
    callback,
  });
  const batch = await account.api.sendBatch({
    from: "MyShop",
    message: "for all",
    destinations,
    callback: hooks.url("/all"),
  });
  const elsewhere = await other.api.sendBatch({ from: "MyShop", message: "x", destinations: [handset] });
  await ended(account.api, single.batchUuid);
  await ended(account.api, alone);
  const before = await ended(account.api, batch, 2);
  await ended(other.api, elsewhere);
  await until("the webhooks' end", async () => {
    const { body } = await account.api.request<{ items: unknown[] }>("GET", "/webhooks?state=delivered");
    return body.items.length === 4;
  });

  expect(await erase(organization.api, handset)).toEqual({ messages: 3, inbound: 0, scheduled: 0, pending: 0 });
  const { body: others } = await other.api.request<{ details: unknown[] }>("GET", `/batch/${elsewhere}?details=true`);
  expect(others.details).toMatchObject([{ destination: `+${handset}` }]);
  const left = await traces(handset);
  expect(left.filter((row) => !row.includes(elsewhere.slice(0, 31)))).toEqual([]);
  const after = await account.api.status(batch);
  expect(after.counts).toEqual(before.counts);
  expect(after.details).toEqual([before.details[0], { ...before.details[1], destination: null }]);
  expect((await account.api.status(single.batchUuid)).counts).toEqual({ total: 1, delivered: 1, failed: 0 });
  const erased = await webhook(account.api, single.messageUuid);
  expect(erased).toMatchObject({ url: hooks.url("/"), body: null, state: "delivered", attempts: [{ answer: null }] });
  expect(erased).toMatchObject({ batch_uuid: single.batchUuid, message_uuid: single.messageUuid });
  const bystander = await webhook(account.api, before.details[0]!.messageuuid);
  expect(bystander.body).toContain(BYSTANDER);
  const again = await account.api.request("POST", `/webhooks/${single.messageUuid}/replay`);
  expect(again.body).toEqual({ replayed: 0 });

  expect(await erase(organization.api, handset)).toEqual({ messages: 0, inbound: 0, scheduled: 0, pending: 0 });
});

test("what is under way goes on, and is erased with its webhook once both have ended", async () => {
  const organization = await testOrganization(operator);
  const account = await organization.account();
  const [waiting, retried] = [newNumber(), newNumber()];
  smsc.script(waiting, { receipts: [] });
  const submitted = await send(account.api, waiting);
  await smsc.waitFor(waiting);
  hooks.script(`/${retried}?to=${retried}`, 500);
  const exhausted = await send(account.api, retried);
  await hooks.waitFor(`/${retried}?to=${retried}`, 1);

  expect(await erase(organization.api, waiting)).toEqual({ messages: 0, inbound: 0, scheduled: 0, pending: 1 });
  expect(await erase(organization.api, waiting)).toMatchObject({ messages: 0, pending: 1 });
  await erase(organization.api, retried);
  await smsc.receipt({ id: smsc.idOf(waiting), stat: "UNDELIV" });
  const [told] = await hooks.waitFor(`/${waiting}?to=${waiting}`, 1);
  expect(JSON.parse(told!.body)).toMatchObject({ destination: `+${waiting}`, messageuuid: submitted.messageUuid });
  await until("all to be erased", async () => (await traces(waiting)).length + (await traces(retried)).length === 0);
  expect((await account.api.status(submitted.batchUuid)).counts).toEqual({ total: 1, delivered: 0, failed: 1 });
  expect(await webhook(account.api, exhausted.messageUuid)).toMatchObject({ state: "exhausted", body: null });
  const all = { state: "exhausted", from: "2020-01-01T00:00Z", to: "2100-01-01T00:00Z" };
  const { body } = await account.api.request("POST", "/webhooks/replay", { body: all });
  expect(body).toEqual({ replayed: 0 });
  expect((await pool.query("SELECT FROM pending_erasure")).rowCount).toBe(0);
});

test("what is scheduled to it is not sent, its credits are freed, the others of the batch keep their identifiers", async () => {
  const organization = await testOrganization(operator, 100);
  const account = await organization.account(50);
  const handset = newNumber();
  const send_at = new Date(Date.now() + 3_600_000).toISOString();
  const others = [newNumber(), newNumber()];
  const destinations = [others[0], handset, others[1]];
  const body = { from: "MyShop", message: "y".repeat(200), destinations, send_at };
  const batch = await account.api.sendBatch(body, "?allowMulti=true");
  const alone = await send(account.api, handset, { send_at });
  expect(await account.credits()).toBe(50 - 6 - 1);
  const before = await account.api.status(batch);

  expect(await erase(organization.api, handset)).toEqual({ messages: 0, inbound: 0, scheduled: 2, pending: 0 });
  expect(await traces(handset)).toEqual([]);
  expect(await account.credits()).toBe(50 - 4);
  expect(
    (await account.ledger()).slice(-2).map(({ kind, credits, batch_uuid }) => [kind, credits, batch_uuid]),
  ).toEqual(
    expect.arrayContaining([
      ["cancel", 2, batch],
      ["cancel", 1, alone.batchUuid],
    ]),
  );
  const after = await account.api.status(batch);
  expect(after).toEqual({ counts: { ...before.counts, total: 2 }, details: [before.details[0], before.details[2]] });
  const page = await account.api.status(batch, "?details=true&limit=1");
  const rest = await account.api.status(batch, `?details=true&limit=1&after=${page.next}`);
  expect([...page.details, ...rest.details, rest.next]).toEqual([...after.details, null]);
  const { body: pending } = await account.api.request<{ batches: unknown[] }>("GET", "/batch");
  expect(pending.batches).toMatchObject([{ identifier: batch, messagecount: 2, unitcount: 2 }]);
  expect((await account.api.request("GET", `/batch/${alone.batchUuid}`)).status).toBe(404);

  await pool.query("UPDATE pending_batch SET at = now() WHERE id = $1", [batch]);
  const sent = await ended(account.api, batch, 2);
  expect(sent.details.map(({ messageuuid }) => messageuuid)).toEqual(
    after.details.map(({ messageuuid }) => messageuuid),
  );
  expect(smsc.to(handset)).toEqual([]);
  expect((await pool.query("SELECT FROM pending_batch WHERE id = $1", [batch])).rowCount).toBe(0);
});

test("is found behind whatever else is scheduled, or was answered under idempotency keys", async () => {
  const account = await (await testOrganization(operator)).account();
  const organization = await testOrganization(operator);
  const own = await organization.account();
  const handset = newNumber();
  const send_at = new Date(Date.now() + 3_600_000).toISOString();
  const to = (number: string) => ({ from: { type: "custom", value: "MyShop" }, to: number, body: "x", send_at });
  const messages = Array.from({ length: 450 }, (_, index) => to(index % 200 === 0 ? handset : BYSTANDER));
  await own.api.send({ messages });
  await account.api.send({ messages: [to(handset)] });
  const answer = JSON.stringify({ messages: [{ to: `+${handset}`, body: "x" }] });
  await pool.query(
    `INSERT INTO idempotency_key (account_id, key, fingerprint, answer)
     SELECT id, 'key-' || n, '', $1 FROM account, generate_series(1, 2005) n WHERE identifier = $2`,
    [answer, own.identifier],
  );
  expect(await erase(organization.api, handset)).toEqual({ messages: 0, inbound: 0, scheduled: 3, pending: 0 });
  const left = await traces(handset);
  expect(left.filter((row) => !row.startsWith("pending_batch"))).toEqual([]);
  expect(left).toHaveLength(1);
});

test("what was marked when a program died is erased by whichever runs", async () => {
  const organization = await testOrganization(operator);
  const account = await organization.account();
  const handset = newNumber();
  const { batchUuid, messageUuid } = await send(account.api, handset, { callback: undefined });
  await ended(account.api, batchUuid);
  await pool.query("INSERT INTO pending_erasure (account_id, id) SELECT id, $1 FROM account WHERE identifier = $2", [
    messageUuid,
    account.identifier,
  ]);
  await until("all to be erased", async () => (await traces(handset)).length === 0);
});

test("what it wrote is erased; its STOP and its number of the shared pool hold, and START undoes the one", async () => {
  const organization = await testOrganization(operator);
  const account = await organization.account();
  const body = { inbound_url: hooks.url("/inbound") };
  await organization.api.request("PUT", `${account.path}/webhook`, { body });
  const number = newNumber();
  const handset = new Handset(smsc, number);
  const first = await send(account.api, number);
  await ended(account.api, first.batchUuid);
  const ours = first.from.value;
  expect(await handset.write(ours, secretOf(number))).toBe(0);
  const [part] = handset.parts(ours, [secretOf(number), "never comes"], "udh8");
  expect((await handset.deliver(part!)).command_status).toBe(0);
  expect(await handset.write(ours, "STOP")).toBe(0);
  const [told] = await hooks.waitFor("/inbound", 2);
  const mo = (JSON.parse(told!.body) as InboundBody).mo_uuid;
  await until("the webhook's end", async () => (await webhook(account.api, mo)).state === "delivered");

  expect(await erase(organization.api, number)).toMatchObject({ messages: 1, scheduled: 0 });
  await until("all to be erased", async () => (await traces(number)).length === 0);
  expect((await account.api.request("GET", "/inbound")).body).toEqual({ items: [], next: null });
  expect(await webhook(account.api, mo)).toMatchObject({ kind: "inbound", url: hooks.url("/"), body: null });

  const endOf = async () => {
    const sent = await send(account.api, number);
    expect(sent.from.value).toBe(ours);
    return (await ended(account.api, sent.batchUuid)).details[0]?.info?.code;
  };
  expect(await endOf()).toBe("58");
  expect(await handset.write(ours, "START")).toBe(0);
  expect(await endOf()).toBe("00");
});

test("a request that is made again under its idempotency key is answered without it, and not done again", async () => {
  const organization = await testOrganization(operator);
  const account = await organization.account();
  const handset = newNumber();
  const messages = [handset, BYSTANDER].map((to) => ({
    from: { type: "custom", value: "MyShop" },
    to,
    body: secretOf(to),
  }));
  const once = () =>
    account.api.request<MessageAnswers>("POST", "/message", {
      body: { messages },
      headers: { "idempotency-key": key },
    });
  const key = randomUUID();
  const first = await once();
  for (const { batchUuid } of first.body.messages) await ended(account.api, batchUuid);
  expect(await erase(organization.api, handset)).toMatchObject({ messages: 1 });
  expect(await traces(handset)).toEqual([]);
  const [erased, kept] = first.body.messages;
  expect((await once()).body).toEqual({ messages: [{ ...erased, to: null, body: null }, kept] });
  expect(smsc.to(handset)).toHaveLength(1);
});

test("is for the organization's key, and for a mobile number", async () => {
  const organization = await testOrganization(operator);
  const account = await organization.account();
  expect((await account.api.request("DELETE", `/handset/${BYSTANDER}`)).status).toBe(400);
  const refused = await organization.api.request<Problem>("DELETE", "/handset/12");
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: "number" }] } });
  expect((await organization.api.request("DELETE", `/handset/${BYSTANDER}?force=true`)).status).toBe(400);
});

test("`mplus erase` does it from the command line", async () => {
  const organization = await testOrganization(operator);
  const account = await organization.account();
  const handset = newNumber();
  const { batchUuid } = await send(account.api, handset, { callback: undefined });
  await ended(account.api, batchUuid);
  const options = ["--url", program.url, "--key", organization.api.key];
  const { code, stdout } = await command(["erase", `+${handset}`, "--yes", ...options]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout:
      "erased 1 message to it and 0 from it\ntook 0 out of what is scheduled\n0 under way, to be erased when they have ended\n",
  });
  const status = await command(["status", batchUuid, "--details", "--url", program.url, "--key", account.api.key]);
  expect(status.stdout.split("\n")[1]).toMatch(/^erased +delivered +00 Successful$/);
  const { stdout: json } = await command(["erase", handset, "--yes", "--json", ...options]);
  expect(JSON.parse(json)).toEqual({ messages: 0, inbound: 0, scheduled: 0, pending: 0 });
});
