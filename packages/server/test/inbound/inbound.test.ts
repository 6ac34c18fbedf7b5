import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { afterAll, describe, expect, test } from "vitest";
import type { Api } from "../support/api.ts";
import { Handset, type InboundBody } from "../support/handset.ts";
import { newKey, startProgram } from "../support/program.ts";
import { type Received, receiver } from "../support/receiver.ts";
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
    environment: "testing",
    senders: { shared: ["447700900001", "447700900002"] },
    carriers: [smsc.carrier({ binds: 2 })],
    callbacks: { retryDelays: [0.05, 0.05], allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
const { pool } = program.database;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let made = 0;
/** An organization with an account that is told of inbound messages at a path of its own. */
async function makeAccount({ told = true } = {}) {
  const own = { path: `/inbound/${++made}` };
  const organization = program.api.as(
    (await program.api.as(operatorKey).request<{ apiKey: string }>("POST", "/organization", { body: { name: "x" } }))
      .body.apiKey,
  );
  return { organization, ...own, ...(await addAccount(organization, told ? own.path : null)) };
}

async function addAccount(organization: Api, path: string | null): Promise<{ identifier: string; api: Api }> {
  const account = await organization.request<{ identifier: string; apiKey: string }>("POST", "/account", {
    body: { name: "x" },
  });
  const { identifier, apiKey } = account.body;
  if (path !== null) {
    const body = { inbound_url: hooks.url(path) };
    expect((await organization.request("PUT", `/account/${identifier}/webhook`, { body })).status).toBe(200);
  }
  return { identifier, api: program.api.as(apiKey) };
}

async function register(organization: Api, value: string, account?: string): Promise<void> {
  expect((await organization.request("POST", "/sender", { body: { value, account } })).status).toBe(200);
}

let handsets = 0;
const newHandset = () => new Handset(smsc, `4477009009${String(++handsets).padStart(2, "0")}`);
let numbers = 0;
const newNumber = () => `44770090080${++numbers}`;

async function told(path: string, count = 1): Promise<InboundBody[]> {
  return (await hooks.waitFor(path, count)).map(({ body }) => JSON.parse(body) as InboundBody);
}

const inbox = async (api: Api, query = "") =>
  (await api.request<{ items: InboundBody[]; next: string | null }>("GET", `/inbound${query}`)).body;

test("a message to a registered number is told with the field types of the hosted service, and listed so", async () => {
  const { organization, identifier, api, path } = await makeAccount();
  const [number, handset] = [newNumber(), newHandset()];
  await register(organization, number, identifier);
  expect(await handset.write(number, "Grüße @ home")).toBe(0);
  const [hook] = await hooks.waitFor(path, 1);
  expect(hook).toMatchObject({ method: "POST", headers: { "content-type": "application/json" } });
  const body = JSON.parse(hook!.body) as InboundBody;
  expect(body).toEqual({
    account_uuid: identifier,
    batch_uuid: null,
    message_uuid: null,
    mo_uuid: expect.stringMatching(UUID),
    channel: "sms",
    message: "Grüße @ home",
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    from: Number(handset.number),
    to: number,
  });
  expect(hook!.headers["webhook-id"]).toBe(body.mo_uuid);
  expect(await inbox(api)).toEqual({ items: [body], next: null });
  expect(await inbox(program.api)).toEqual({ items: [], next: null });
});

test("it names the latest message from the number to the handset, in a batch, alone, under given ids", async () => {
  const { organization, identifier, api, path } = await makeAccount();
  const [number, handset, other] = [newNumber(), newHandset(), newHandset()];
  await register(organization, number, identifier);
  const message = { from: { type: "custom", value: number }, to: handset.number, body: "x" };
  const expectNamed = async (count: number, batch: string | undefined, id: string | undefined) => {
    expect(await handset.write(number, `answer ${count}`)).toBe(0);
    const all = await told(path, count);
    expect(all[count - 1]).toMatchObject({ message: `answer ${count}`, batch_uuid: batch, message_uuid: id });
  };
  const [first] = await api.send({ messages: [message] });
  // Neither what others get from the number, nor what the handset gets from others.
  await api.send({
    messages: [
      { ...message, to: other.number },
      { ...message, from: { type: "custom", value: "MyShop" } },
    ],
  });
  await expectNamed(1, first?.batchUuid, first?.messageUuid);
  const batch = await api.sendBatch({ from: `+${number}`, message: "x", destinations: [other.number, handset.number] });
  const { details } = await api.status(batch);
  await expectNamed(2, batch, details[1]?.messageuuid);
  const given = { batch: "019f0000-0000-7000-8000-00000000000b", message: "019f0000-0000-7000-8000-00000000000a" };
  await api.sendBatch({ from: number, message: "x", destinations: [handset.number], id: given.batch });
  const [last] = (await api.status(given.batch)).details;
  await expectNamed(3, given.batch, last?.messageuuid);
  const [own] = await api.send({ messages: [{ ...message, id: given.message }] });
  await expectNamed(4, own?.batchUuid, given.message);
});

test("a scheduled message is found once it is sent", async () => {
  const { organization, identifier, api, path } = await makeAccount();
  const [number, handset] = [newNumber(), newHandset()];
  await register(organization, number, identifier);
  const send_at = new Date(Date.now() + 3_600_000).toISOString();
  const from = { type: "custom", value: number };
  const [sent] = await api.send({ messages: [{ from, to: handset.number, body: "x", send_at }] });
  await pool.query("UPDATE pending_batch SET at = now() WHERE id = $1", [sent?.batchUuid]);
  await smsc.waitFor(handset.number);
  await handset.write(number, "answer");
  const named = { batch_uuid: sent?.batchUuid, message_uuid: sent?.messageUuid };
  expect(await told(path)).toMatchObject([named]);
});

test("a message from long ago is still found", async () => {
  const { organization, identifier, api, path } = await makeAccount();
  const [number, handset] = [newNumber(), newHandset()];
  await register(organization, number, identifier);
  await api.send({ messages: [{ from: { type: "custom", value: number }, to: handset.number, body: "x" }] });
  await smsc.waitFor(handset.number);
  const old = "0188e0d4-9800-7123-8123-012345600001";
  await until("the message to be final", async () => {
    const { rowCount } = await pool.query("UPDATE message SET id = $1 WHERE destination = $2 AND state = 2", [
      old,
      handset.number,
    ]);
    return rowCount === 1;
  });
  await handset.write(number, "late");
  expect(await told(path)).toMatchObject([{ message_uuid: old, batch_uuid: "0188e0d4-9800-7123-8123-012345600000" }]);
});

test("a shared number's message goes to the account that has it for the handset", async () => {
  const [one, two] = [await makeAccount(), await makeAccount()];
  const handset = newHandset();
  const message = { from: { type: "shared" }, to: handset.number, body: "x" };
  const [[first], [second]] = [
    await one.api.send({ messages: [message] }),
    await two.api.send({ messages: [message] }),
  ];
  expect(first?.from.value).not.toBe(second?.from.value);
  await handset.write(first!.from.value, "to one");
  await handset.write(second!.from.value, "to two");
  expect(await told(one.path)).toMatchObject([{ message: "to one", message_uuid: first?.messageUuid }]);
  expect(await told(two.path)).toMatchObject([{ message: "to two", message_uuid: second?.messageUuid }]);
  expect(await newHandset().write(first!.from.value, "unasked")).toBe(0x66);
});

test("an organization's number belongs to the account that wrote last, and unasked to its first", async () => {
  const first = await makeAccount();
  const second = { ...(await addAccount(first.organization, `${first.path}/second`)), path: `${first.path}/second` };
  const [number, handset] = [newNumber(), newHandset()];
  await register(first.organization, number);
  await handset.write(number, "unasked");
  expect(await told(first.path)).toMatchObject([{ account_uuid: first.identifier, message_uuid: null }]);
  const [sent] = await second.api.send({
    messages: [{ from: { type: "custom", value: number }, to: handset.number, body: "x" }],
  });
  await handset.write(number, "asked");
  expect(await told(second.path)).toMatchObject([{ account_uuid: second.identifier, message_uuid: sent?.messageUuid }]);
});

test("what handsets wrote is found by handset, number and time, the newest first where that is asked for", async () => {
  const { organization, identifier, api } = await makeAccount({ told: false });
  const [one, other] = [newNumber(), newNumber()];
  for (const number of [one, other]) await register(organization, number, identifier);
  const [first, second] = [newHandset(), newHandset()];
  await first.write(one, "1");
  await second.write(one, "2");
  await first.write(other, "3");
  const texts = async (query: string) => (await inbox(api, query)).items.map(({ message }) => message);
  expect(await texts("?order=newest")).toEqual(["3", "2", "1"]);
  const newest = await inbox(api, "?order=newest&limit=2");
  expect(await texts(`?order=newest&limit=2&after=${newest.next}`)).toEqual(["1"]);
  const handset = String((await inbox(api, "?limit=1")).items[0]!.from);
  for (const form of [handset, `+${handset}`, `%2B${handset}`])
    expect(await texts(`?from=${form}`)).toEqual(["1", "3"]);
  expect(await texts(`?to=${one}&order=newest`)).toEqual(["2", "1"]);
  expect(await texts(`?from=${handset}&to=${other}`)).toEqual(["3"]);
  const later = new Date(Date.now() + 60_000).toISOString();
  expect(await texts(`?since=${later}`)).toEqual([]);
  expect(await texts(`?since=2026-01-01T00:00Z&until=${later}`)).toEqual(["1", "2", "3"]);
  for (const query of ["?from=x", "?to=", "?since=soon", "?order=up", "?to=%40%40"]) {
    expect((await api.request("GET", `/inbound${query}`)).status).toBe(400);
  }
});

test("without an inbound_url it is kept, and listed in pages", async () => {
  const { organization, identifier, api } = await makeAccount({ told: false });
  const [number, handset] = [newNumber(), newHandset()];
  await register(organization, number, identifier);
  for (const text of ["one", "two", "three"]) await handset.write(number, text);
  const { items, next } = await inbox(api, "?limit=2");
  expect(items.map(({ message }) => message)).toEqual(["one", "two"]);
  expect(next).toBe(items[1]?.mo_uuid);
  expect(await inbox(api, `?limit=2&after=${next}`)).toMatchObject({ items: [{ message: "three" }], next: null });
  expect((await api.request("GET", "/inbound?after=x")).status).toBe(400);
  const { rows } = await pool.query(
    "SELECT FROM webhook h JOIN account a ON a.id = h.account_id WHERE a.identifier = $1",
    [identifier],
  );
  expect(rows).toEqual([]);
});

test("is refused for good where the number is nobody's or no number, and counted", async () => {
  expect(await newHandset().write("447700900777", "hello?")).toBe(0x66);
  expect(await newHandset().write("MyShop", "hello?")).toBe(0x66);
  expect(await newHandset().write("447700900777", "hello?", { source_addr: "MyBank", source_addr_ton: 5 })).toBe(0x66);
  const metrics = (await program.api.request("GET", "/metrics")).text;
  expect(metrics).toMatch(/mplus_inbound_total\{outcome="nobody",process="engine"\} [1-9]/);
  expect(metrics).toMatch(/mplus_inbound_total\{outcome="unreadable",process="engine"\} [1-9]/);
});

describe("long messages", () => {
  test.each(["udh8", "udh16", "sar"] as const)(
    "in parts by %s go on as one, whatever their order, twice, over two binds",
    async (form) => {
      const { organization, identifier, api, path } = await makeAccount();
      const [number, handset] = [newNumber(), newHandset()];
      await register(organization, number, identifier);
      const parts = handset.parts(number, ["Once ", "upon ", "a time"], form);
      // Over one bind and the other in turn.
      for (const [place, index] of [2, 0, 2, 1, 0, 1].entries()) {
        expect((await handset.deliver(parts[index]!, place % 2)).command_status).toBe(0);
      }
      expect(await told(path)).toMatchObject([{ message: "Once upon a time" }]);
      await handset.write(number, "The end");
      expect((await told(path, 2)).map(({ message }) => message)).toEqual(["Once upon a time", "The end"]);
      expect((await inbox(api)).items).toHaveLength(2);
    },
  );

  test("with the reference of another that begins alike go on as two, and what comes again as none", async () => {
    const { organization, identifier, path } = await makeAccount();
    const [number, handset] = [newNumber(), newHandset()];
    await register(organization, number, identifier);
    const first = handset.parts(number, ["Dear all, ", "yes"], "udh8");
    // Another object for the same handset counts its references from the same number.
    const second = new Handset(smsc, handset.number).parts(number, ["Dear all, ", "no"], "udh8");
    for (const part of [...first, first[1]!, ...second, second[1]!]) {
      expect((await handset.deliver(part)).command_status).toBe(0);
    }
    await handset.write(number, "The end");
    expect((await told(path, 3)).map(({ message }) => message).sort()).toEqual([
      "Dear all, no",
      "Dear all, yes",
      "The end",
    ]);
  });

  test("in a national language are read by the tables that each part names", async () => {
    const { organization, identifier, path } = await makeAccount();
    const [number, handset] = [newNumber(), newHandset()];
    await register(organization, number, identifier);
    const parts = ["0800030702012401011b53", "080003070202250101071c"];
    for (const short_message of parts.map((hex) => Buffer.from(hex, "hex"))) {
      const fields = { destination_addr: number, data_coding: 0, esm_class: 0x40, short_message };
      expect((await handset.deliver(fields)).command_status).toBe(0);
    }
    expect(await told(path)).toMatchObject([{ message: "ŞıŞ" }]);
  });

  test("whose parts come all at once go on as one each", async () => {
    const { organization, identifier, path } = await makeAccount();
    const number = newNumber();
    await register(organization, number, identifier);
    const writers = Array.from({ length: 5 }, newHandset);
    const parts = writers.flatMap((handset) =>
      handset
        .parts(
          number,
          ["a", "b", "c", "d"].map((text) => `${handset.number}${text} `),
          "udh8",
        )
        .map((part) => ({ handset, part })),
    );
    const shuffled = parts.map((one, index) => [(index * 7) % parts.length, one] as const).sort(([a], [b]) => a - b);
    await Promise.all(shuffled.map(([, { handset, part }]) => handset.deliver(part)));
    const messages = (await told(path, writers.length)).map(({ message }) => message).sort();
    expect(messages).toEqual(writers.map(({ number: n }) => `${n}a ${n}b ${n}c ${n}d `).sort());
  });

  test("that never come whole go on after ten minutes as far as they came", async () => {
    const { organization, identifier, path } = await makeAccount();
    const [number, handset] = [newNumber(), newHandset()];
    await register(organization, number, identifier);
    const parts = handset.parts(number, ["Hello ", "my ", "name is"], "udh16");
    await handset.deliver(parts[1]!);
    await handset.deliver(parts[2]!);
    await pool.query("UPDATE inbound_part SET received_at = now() - interval '10 minutes' WHERE handset = $1", [
      handset.number,
    ]);
    expect(await told(path)).toMatchObject([{ message: "[…]my name is" }]);
    const { rows } = await pool.query("SELECT FROM inbound_part WHERE handset = $1", [handset.number]);
    expect(rows).toEqual([]);
  });
});

describe("signed", () => {
  test("in both forms, with the newest of two secrets; each try anew", async () => {
    const { organization, identifier, path } = await makeAccount();
    const [number, handset] = [newNumber(), newHandset()];
    await register(organization, number, identifier);
    const secrets: string[] = [];
    for (let index = 0; index < 2; index++) {
      const answer = await organization.request<{ secret: string }>("POST", `/account/${identifier}/secret`);
      secrets.push(answer.body.secret);
    }
    hooks.script(path, 500, 503, 200);
    await handset.write(number, "signed");
    const tries = await hooks.waitFor(path, 3);
    expect(new Set(tries.map(({ body }) => body)).size).toBe(1);
    for (const one of tries) {
      for (const secret of secrets) new Webhook(secret).verify(one.body, standardHeaders(one));
      const { signature, timestamp, environment } = one.headers as Record<string, string>;
      expect(environment).toBe("testing");
      const expected = createHmac("sha256", secrets[1]!)
        .update(`${timestamp}.${environment}.${one.body}`)
        .digest("hex");
      expect(signature).toBe(expected);
    }
  });

  test("not at all without a secret", async () => {
    const { organization, identifier, path } = await makeAccount();
    const [number, handset] = [newNumber(), newHandset()];
    await register(organization, number, identifier);
    await handset.write(number, "unsigned");
    const [hook] = await hooks.waitFor(path, 1);
    expect(Object.keys(hook!.headers)).not.toContain("signature");
    expect(Object.keys(hook!.headers)).not.toContain("webhook-signature");
  });
});

function standardHeaders({ headers }: Received): Record<string, string> {
  const name = (field: string) => [field, String(headers[field])];
  return Object.fromEntries([name("webhook-id"), name("webhook-timestamp"), name("webhook-signature")]);
}

/** The server process that waits to store a message, while nobody may. */
async function waiting(): Promise<number> {
  return until("a message that waits to be stored", async () => {
    const { rows } = await pool.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO inbound %'",
    );
    return rows[0]?.pid;
  });
}

const [kept, writer] = [newNumber(), newHandset()];
await register((await makeAccount()).organization, kept);

test("a message is acknowledged to the carrier only once it is committed", async () => {
  const client = await pool.connect();
  await client.query("BEGIN; LOCK TABLE inbound IN ACCESS EXCLUSIVE MODE");
  let answered = false;
  const written = writer.write(kept, "Committed").then((status) => {
    answered = true;
    return status;
  });
  await waiting();
  expect(answered).toBe(false);
  await client.query("COMMIT");
  client.release();
  expect(await written).toBe(0);
  expect((await pool.query("SELECT FROM inbound WHERE message = 'Committed'")).rowCount).toBe(1);
});

test("what cannot be stored is to be sent again by the carrier, and is then stored once", async () => {
  const client = await pool.connect();
  await client.query("BEGIN; LOCK TABLE inbound IN ACCESS EXCLUSIVE MODE");
  const written = writer.write(kept, "Again");
  await pool.query("SELECT pg_terminate_backend($1)", [await waiting()]);
  expect(await written).toBe(0x64);
  await client.query("COMMIT");
  client.release();
  expect(await writer.write(kept, "Again")).toBe(0);
  expect((await pool.query("SELECT FROM inbound WHERE message = 'Again'")).rowCount).toBe(1);
});
