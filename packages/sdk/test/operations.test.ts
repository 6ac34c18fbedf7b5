import { MessagingPlus, RequestError } from "@messaging-plus/sdk";
import { afterAll, describe, expect, test } from "vitest";
import { operations } from "../../server/test/reference/document.ts";
import { receiver } from "../../server/test/support/receiver.ts";
import { until } from "../../server/test/support/until.ts";
import { methodNames, startWithClients } from "./clients.ts";

/** Every method of the client, once, against the real server; and the requests that they made, against its document. */
const asked: string[] = [];
const recording: typeof fetch = (input, init) => {
  const { pathname } = new URL(String(input));
  const fits = operations.filter(({ method, path }) => method === init?.method && pathPattern(path).test(pathname));
  // `/webhooks/replay` rather than `/webhooks/{id}`.
  const [one] = fits.sort((left, right) => left.path.split("{").length - right.path.split("{").length);
  asked.push(one === undefined ? `${init?.method} ${pathname}` : `${one.method} ${one.path}`);
  return fetch(input, init);
};
const pathPattern = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);

const hooks = await receiver();
afterAll(hooks.close);
const program = await startWithClients({ config: { senders: { shared: ["447700900001"] } } }, { fetch: recording });
afterAll(program.stop);
const { account, organization, operator } = program;

const UUID = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
const KEY = expect.stringMatching(/^[0-9a-f]{32}$/) as string;
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;
const later = new Date(Date.now() + 86_400_000);
const to = "+447700900123";
const from = { type: "custom", value: "MyShop" } as const;
/** What one call makes and another needs. */
const made = {
  batch: "",
  message: "",
  scheduled: "",
  account: "",
  organization: "",
  sender: "",
  secret: "",
  key: "",
  credential: "",
};

const textOf = (stream: ReadableStream<Uint8Array>): Promise<string> => new Response(stream).text();

async function all<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}

const calls: Record<string, () => Promise<void>> = {
  "messages.send": async () => {
    const callback = hooks.url("/receipts");
    const { messages } = await account.messages.send({
      defaults: { from, callback, validity: 600 },
      messages: [
        { to, body: "Hello" },
        { to, body: "Later", send_at: later, from: { type: "shared" } },
      ],
    });
    const both = { to, callback, batchUuid: UUID, messageUuid: UUID };
    expect(messages).toEqual([
      { ...both, body: "Hello", from, scheduled: false },
      {
        ...both,
        body: "Later",
        from: { type: "shared", value: "447700900001" },
        send_at: later.toISOString(),
        scheduled: true,
      },
    ]);
    made.batch = messages[0]!.batchUuid;
    made.message = messages[0]!.messageUuid;
  },
  "messages.final": async () => {
    const story = await account.messages.final(made.message, { everyMs: 20 });
    expect(story).toMatchObject({ message_uuid: made.message, to, state: "delivered", waiting: null });
    expect(story.events[0]).toEqual({ at: story.accepted_at, kind: "accepted", via: "http" });
  },
  "messages.get": async () => {
    const story = await operator.messages.get(made.message);
    expect(story).toMatchObject({ account_uuid: UUID, carrier: "simulator", batch_uuid: made.batch });
  },
  "messages.list": async () => {
    const items = await all(account.messages.list({ to, state: ["delivered"], since: new Date(0), limit: 1 }));
    expect(items).toMatchObject([{ message_uuid: made.message, to, from: "MyShop", code: "00" }]);
    expect(await all(organization.messages.list({ to: "*000000", batch: made.batch }))).toEqual([]);
  },
  "messages.csv": async () => {
    const text = await textOf(await account.messages.csv({ to, state: ["delivered"] }));
    expect(text.split("\r\n").map((line) => line.split(",")[0])).toEqual(["message_uuid", made.message, ""]);
    await expect(account.messages.csv({ to: "x" })).rejects.toMatchObject({ status: 400, errors: [{ path: "?to" }] });
  },
  "messages.nationalLanguages": async () => {
    expect(await account.messages.nationalLanguages()).toEqual({ routes: [] });
  },
  "batches.send": async () => {
    const text = { from: "MyShop", message: "x".repeat(161), destinations: [to], send_at: later };
    const { identifier } = await account.batches.send(text, { allowMulti: true });
    expect(identifier).toEqual(UUID);
    made.scheduled = identifier;
  },
  "batches.sendLarge": async () => {
    async function* numbers() {
      yield* ["447700900123", "+447700900123", "447700900124"];
      yield* ["447700900125", "447700900124", "447700900126", "447700900127"];
    }
    const send_at = later;
    const large = () =>
      all(
        account.batches.sendLarge(
          { from: "MyShop", message: "Sale", destinations: numbers(), send_at },
          { chunk: 2, idempotencyKey: "sale" },
        ),
      );
    const chunks = await large();
    expect(chunks.map(({ count }) => count)).toEqual([2, 2, 1]);
    const content = (await account.batches.get(chunks[2]!.identifier)).counts;
    expect(content.total).toBe(1);
    // Done again, it is done once.
    expect(await large()).toEqual(chunks);
    for (const { identifier } of chunks) await account.batches.cancel(identifier);
    const unfit = account.batches.sendLarge({ from: "x", message: "x", destinations: [] }, { chunk: 0 });
    await expect(unfit.next()).rejects.toThrow(RequestError);
  },
  "batches.final": async () => {
    const destinations = ["447700900124", "447700900534"];
    const { identifier } = await account.batches.send({ from: "MyShop", message: "Wait", destinations });
    const { counts } = await account.batches.final(identifier, { everyMs: 20 });
    expect(counts).toEqual({ total: 2, delivered: 1, failed: 1 });
    const signal = AbortSignal.abort("enough");
    await expect(account.batches.final(identifier, { signal })).rejects.toBe("enough");
  },
  "batches.list": async () => {
    const items = await all(account.batches.list({ from: "MyShop" }));
    const identifiers = items.map(({ identifier }) => identifier);
    expect(identifiers).toContain(made.batch);
    expect(items.find(({ identifier }) => identifier === made.scheduled)).toMatchObject({
      state: "pending",
      unitcount: 2,
    });
  },
  "batches.status": async () => {
    const status = await until("the delivery", async () => {
      const now = await account.batches.status(made.batch);
      return now.counts.delivered === 1 && now;
    });
    expect(status).toEqual({ counts: { total: 1, delivered: 1, failed: 0 } });
  },
  "batches.detailedStatus": async () => {
    const { counts, details } = await account.batches.detailedStatus(made.batch);
    expect({ total: counts.total, details }).toEqual({
      total: 1,
      details: await all(account.batches.details(made.batch)),
    });
  },
  "batches.details": async () => {
    expect(await all(account.batches.details(made.batch))).toEqual([
      {
        destination: to,
        delivered: true,
        failed: false,
        batchuuid: made.batch,
        messageuuid: made.message,
        info: { code: "00", description: "Successful" },
      },
    ]);
  },
  "batches.detailsCsv": async () => {
    const text = await textOf(await operator.batches.detailsCsv(made.batch));
    expect(text.split("\r\n").map((line) => line.split(",")[4])).toEqual(["messageuuid", made.message, undefined]);
  },
  "batches.get": async () => {
    const { counts, content } = await organization.batches.get(made.batch);
    expect(counts).toEqual({ total: 1, delivered: 1, failed: 0 });
    expect(content).toMatchObject({ from: "MyShop", message: "Hello", state: "done", account_uuid: UUID });
    const held = await account.batches.get(made.scheduled);
    expect(held.content).toMatchObject({
      message: "x".repeat(161),
      unitcount: 2,
      state: "pending",
      at: later.toISOString(),
    });
    expect(held.content).not.toHaveProperty("account_uuid");
  },
  "batches.pending": async () => {
    const pending = await all(account.batches.pending());
    const at = later.toISOString();
    expect(pending).toContainEqual({ identifier: made.scheduled, at, from: "MyShop", messagecount: 1, unitcount: 2 });
    expect(pending).toHaveLength(2);
  },
  "batches.cancel": async () => {
    expect(await account.batches.cancel(made.scheduled)).toEqual({ identifier: made.scheduled });
    expect(await all(account.batches.pending())).toHaveLength(1);
  },
  "webhooks.list": async () => {
    await hooks.waitFor("/receipts", 1);
    const filter = { state: "delivered", message: made.message, endpoint: hooks.url("/"), to: later } as const;
    const [item, ...others] = await until("the webhook's record", async () => {
      const items = await all(account.webhooks.list(filter));
      return items.length > 0 && items;
    });
    expect(others).toEqual([]);
    expect(item).toMatchObject({ id: made.message, kind: "receipt", tries: 1, last_attempt: { status: 200 } });
    expect(await all(account.webhooks.list({ state: "exhausted" }))).toEqual([]);
  },
  "stats.get": async () => {
    const { items } = await account.stats.get({
      by: "day",
      since: new Date(Date.now() - 3_600_000),
      group: ["channel"],
    });
    const accepted = items.filter(({ channel }) => channel === "sms").reduce((sum, item) => sum + item.accepted, 0);
    expect(accepted).toBeGreaterThan(0);
    expect(items[0]).toMatchObject({ at: TIME, receipt_seconds: { p50: expect.any(Number) } });
    expect((await operator.stats.get()).items.length).toBeGreaterThan(0);
  },
  "endpoints.list": async () => {
    const [endpoint] = await until("how the endpoint does to be written", async () => {
      const items = await all(account.endpoints.list());
      return items.length > 0 && items;
    });
    const origin = hooks.url("").replace(/\/$/, "");
    const last = { at: TIME, status: 200, fault: null };
    expect(endpoint).toMatchObject({ origin, account_uuid: UUID, state: "ok", since: TIME, next_probe_at: null, last });
    expect(await all(organization.endpoints.list())).toContainEqual(expect.objectContaining({ origin }));
    expect(await all(operator.endpoints.list())).toContainEqual(expect.objectContaining({ origin }));
  },
  "webhooks.get": async () => {
    const { body, attempts } = await account.webhooks.get(made.message);
    expect({ body, attempts: attempts.length }).toEqual({ body: hooks.received("/receipts")[0]!.body, attempts: 1 });
  },
  "webhooks.replay": async () => {
    expect(await account.webhooks.replay(made.message)).toEqual({ replayed: 1 });
    await hooks.waitFor("/receipts", 2);
  },
  "webhooks.replayMany": async () => {
    const range = { state: "exhausted", from: new Date(0), to: new Date(), rate: 50 } as const;
    expect(await account.webhooks.replayMany(range)).toEqual({ replayed: 0 });
  },
  "inbound.list": async () => {
    // The simulator's handset that answers.
    await account.messages.send({ messages: [{ from: { type: "shared" }, to: "447700900911", body: "Ping" }] });
    const [message] = await until("the answer", async () => {
      const items = await all(account.inbound.list());
      return items.length > 0 && items;
    });
    expect(message).toMatchObject({
      channel: "sms",
      message: "Hello",
      from: 447700900911,
      to: "447700900001",
      at: TIME,
    });
  },
  "accounts.create": async () => {
    const answer = await organization.accounts.create("Web");
    expect(answer).toEqual({ identifier: UUID, apiKey: KEY });
    made.account = answer.identifier;
  },
  "accounts.list": async () => {
    const { accounts } = await organization.accounts.list();
    expect(accounts).toContainEqual({ identifier: made.account, name: "Web", credits: 0, deleted: false });
  },
  "accounts.get": async () => {
    const whole = { identifier: made.account, name: "Web", credits: 0, overdraft: false, deleted: false };
    expect(await organization.accounts.get(made.account)).toEqual(whole);
  },
  "accounts.change": async () => {
    await organization.accounts.change(made.account, { name: "Web shop", overdraft: true });
    expect(await organization.accounts.get(made.account)).toMatchObject({ name: "Web shop", overdraft: true });
  },
  "accounts.topUp": async () => {
    const { items } = await operator.operator.organizations().page();
    await operator.operator.changeOrganization(items[0]!.identifier, { balance: { add: 500 } });
    await organization.accounts.topUp(made.account, 300);
    expect(await organization.accounts.get(made.account)).toMatchObject({ credits: 300 });
  },
  "accounts.ledger": async () => {
    const topup = { at: TIME, kind: "topup", credits: 300, balance: 300, batch_uuid: null };
    expect(await all(organization.accounts.ledger(made.account))).toEqual([topup]);
  },
  "accounts.rotateKey": async () => {
    const { apiKey } = await organization.accounts.rotateKey(made.account, 60);
    expect(await program.client({ key: apiKey }).inbound.list().page()).toEqual({ items: [], next: null });
  },
  "accounts.createKey": async () => {
    const { identifier, apiKey } = await organization.accounts.createKey(made.account, { name: "CI", scope: "send" });
    expect(await program.client({ key: apiKey }).keys.me()).toMatchObject({ kind: "account", scope: "send" });
    made.key = identifier;
  },
  "accounts.keys": async () => {
    const [key] = await all(organization.accounts.keys(made.account));
    expect(key).toMatchObject({ identifier: made.key, name: "CI", scope: "send", created_at: TIME, expires_at: null });
  },
  "accounts.revokeKey": async () => {
    expect(await organization.accounts.revokeKey(made.account, made.key)).toEqual({ identifier: made.key });
    const left = await all(organization.accounts.keys(made.account));
    expect(left.map(({ name }) => name)).toEqual([null, null]);
  },
  "keys.me": async () => {
    expect(await organization.keys.me()).toEqual({
      kind: "organization",
      scope: "admin",
      organization: { identifier: UUID, name: "default", balance: expect.any(Number) },
    });
  },
  "keys.create": async () => {
    const { identifier, apiKey } = await organization.keys.create({ name: "Support", scope: "read" });
    expect(apiKey).toEqual(KEY);
    made.key = identifier;
  },
  "keys.list": async () => {
    const [key] = await all(organization.keys.list());
    expect(key).toMatchObject({ identifier: made.key, name: "Support", scope: "read", last_used_at: null });
  },
  "keys.revoke": async () => {
    expect(await organization.keys.revoke(made.key)).toEqual({ identifier: made.key });
    expect(await all(organization.keys.list())).toHaveLength(1);
  },
  "optOuts.list": async () => {
    expect(await all(organization.optOuts.list(to))).toEqual([]);
  },
  "optOuts.delete": async () => {
    expect(await organization.optOuts.delete(to)).toEqual({ number: to, accounts: 0 });
  },
  "audit.list": async () => {
    const [last] = await all(organization.audit.list());
    expect(last).toEqual({ at: TIME, key: UUID, action: "key.revoke", object: made.key });
    expect((await operator.audit.list({ limit: 1 }).page()).items).toMatchObject([{ organization_uuid: UUID }]);
  },
  "accountWebhooks.setUrls": async () => {
    const urls = { inbound_url: hooks.url("/inbound"), events_url: null };
    expect(await organization.accountWebhooks.setUrls(made.account, urls)).toEqual(urls);
  },
  "accountWebhooks.urls": async () => {
    const urls = { inbound_url: hooks.url("/inbound"), events_url: null };
    expect(await organization.accountWebhooks.urls(made.account)).toEqual(urls);
  },
  "accountWebhooks.createSecret": async () => {
    const { identifier, secret } = await organization.accountWebhooks.createSecret(made.account);
    expect(secret).toMatch(/^whsec_/);
    made.secret = identifier;
  },
  "accountWebhooks.secrets": async () => {
    const secrets = await all(organization.accountWebhooks.secrets(made.account));
    expect(secrets).toEqual([{ identifier: made.secret, created_at: TIME }]);
  },
  "accountWebhooks.deleteSecret": async () => {
    const deleted = await organization.accountWebhooks.deleteSecret(made.account, made.secret);
    expect(deleted).toEqual({ identifier: made.secret });
    expect(await all(organization.accountWebhooks.secrets(made.account))).toEqual([]);
  },
  "smpp.create": async () => {
    const fields = { system_id: "sdk", binds: 2, allow: ["127.0.0.0/8"] };
    const answer = await organization.smpp.create(made.account, fields);
    expect(answer).toEqual({ identifier: UUID, system_id: "sdk", password: expect.stringMatching(/^\w{8}$/) });
    made.credential = answer.identifier;
  },
  "smpp.bound": async () => {
    for (const client of [organization, operator]) expect(await all(client.smpp.bound())).toEqual([]);
  },
  "smpp.change": async () => {
    await organization.smpp.change(made.account, made.credential, { throughput: 5, alphabet: "latin1" });
  },
  "smpp.list": async () => {
    const kept = { identifier: made.credential, system_id: "sdk", binds: 2, allow: ["127.0.0.0/8"], created_at: TIME };
    const rest = { window: 100, throughput: 5, alphabet: "latin1" };
    expect(await all(organization.smpp.list(made.account))).toEqual([{ ...kept, ...rest }]);
  },
  "smpp.rotatePassword": async () => {
    const { password } = await organization.smpp.rotatePassword(made.account, made.credential, 60);
    expect(password).toMatch(/^\w{8}$/);
  },
  "smpp.delete": async () => {
    expect(await organization.smpp.delete(made.account, made.credential)).toEqual({ identifier: made.credential });
  },
  "accounts.deactivate": async () => {
    await organization.accounts.deactivate(made.account);
    expect(await organization.accounts.get(made.account)).toMatchObject({ deleted: true, credits: 0 });
  },
  "senders.register": async () => {
    made.sender = (await organization.senders.register({ value: "MyShop" })).identifier;
    expect(made.sender).toEqual(UUID);
  },
  "senders.list": async () => {
    const sender = { identifier: made.sender, value: "MyShop", account: null };
    expect(await all(organization.senders.list())).toEqual([sender]);
  },
  "senders.delete": async () => {
    await organization.senders.delete(made.sender);
    expect(await all(organization.senders.list())).toEqual([]);
  },
  "handsets.erase": async () => {
    expect(await organization.handsets.erase(to)).toMatchObject({ messages: 1, scheduled: 1 });
    expect((await account.batches.detailedStatus(made.batch)).details[0]!.destination).toBeNull();
  },
  "operator.createOrganization": async () => {
    const answer = await operator.operator.createOrganization({ name: "Other", credits: true, balance: 10 });
    expect(answer).toEqual({ identifier: UUID, apiKey: KEY });
    made.organization = answer.identifier;
  },
  "operator.changeOrganization": async () => {
    await operator.operator.changeOrganization(made.organization, { name: "Another", balance: { add: -3 } });
  },
  "operator.organizations": async () => {
    const changed = { identifier: made.organization, name: "Another", credits: true, balance: 7 };
    expect(await all(operator.operator.organizations())).toContainEqual(changed);
  },
  "operator.rotateKey": async () => {
    const { apiKey } = await operator.operator.rotateKey(made.organization, 60);
    expect(await program.client({ key: apiKey }).keys.me()).toMatchObject({ kind: "organization" });
  },
  "operator.carriers": async () => {
    const [carrier] = await all(operator.operator.carriers());
    expect(carrier).toMatchObject({ id: "simulator", state: "up", binds: { up: 1, of: 1 } });
  },
  "operator.pauseCarrier": async () => operator.operator.pauseCarrier("simulator"),
  "operator.resumeCarrier": async () => {
    expect(await operator.operator.route(to)).toMatchObject({ next: null, carriers: [{ paused: true }] });
    await operator.operator.resumeCarrier("simulator");
  },
  "operator.route": async () => {
    const taken = await operator.operator.route(to, { sender: "MyShop" });
    expect(taken).toMatchObject({ sender: "MyShop", route: null, next: "simulator" });
  },
  "operator.reload": async () =>
    expect(await operator.operator.reload()).toEqual({ changed: [], restart: [], others: [] }),
  "server.receiptCodes": async () => {
    const codes = await nobody().server.receiptCodes();
    expect(codes).toContainEqual({ code: "00", description: "Successful" });
  },
  "server.live": async () => expect(await nobody().server.live()).toEqual({ status: "live" }),
  "server.ready": async () => expect(await nobody().server.ready()).toEqual({ status: "ready", warnings: [] }),
  "server.metrics": async () => expect(await nobody().server.metrics()).toContain("# TYPE mplus_"),
  "server.openApi": async () => expect((await nobody().server.openApi()).openapi).toMatch(/^3\.1/),
  "server.dashboard": async () => expect(await nobody().server.dashboard()).toMatch(/^<!doctype html>/i),
  "server.docs": async () => expect(await nobody().server.docs()).toMatch(/^<!doctype html>/i),
};

/** Without a key. */
function nobody(): MessagingPlus {
  return program.client({});
}

describe("the client", () => {
  test.each(Object.entries(calls))("%s", (_name, call) => call());

  test("has no method that was not called", () => {
    expect(Object.keys(calls).sort()).toEqual(methodNames().sort());
  });

  test("has a method for every operation of the API, and none for another", () => {
    // What carriers' providers and RCS platforms post is not for callers.
    const callers = operations.filter(
      ({ path }) => path !== "/rcs/{carrier}" && !/^\/carriers\/\{id\}\/(receipts|inbound)/.test(path),
    );
    expect([...new Set(asked)].sort()).toEqual(callers.map(({ method, path }) => `${method} ${path}`).sort());
  });
});

test("a path in front of the API's is kept, and what would lead out of it is refused", async () => {
  const urls: string[] = [];
  const elsewhere: typeof fetch = async (input) => {
    urls.push(String(input));
    return Response.json({ counts: {} });
  };
  const client = new MessagingPlus({ baseUrl: "https://example.com/sms/?x=1", key: "secret", fetch: elsewhere });
  await client.batches.status("a/../b?c");
  expect(urls).toEqual(["https://example.com/sms/batch/a%2F..%2Fb%3Fc"]);
  for (const name of ["", ".", ".."]) await expect(client.batches.cancel(name)).rejects.toThrow(RequestError);
  expect(urls).toHaveLength(1);
});
