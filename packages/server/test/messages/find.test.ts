import { randomUUID } from "node:crypto";
import type { BatchWithContent } from "@messaging-plus/sdk";
import { afterAll, describe, expect, test } from "vitest";
import type { Answer, Api, Problem } from "../support/api.ts";
import { addAccount, startProgram } from "../support/program.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { gate, until } from "../support/until.ts";
import { storyWith } from "./stories.ts";

const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const operatorKey = "0".repeat(31) + 2;
const program = await startProgram({
  config: { carriers: [smsc.carrier()], callbacks: { allowPrivateAddresses: true }, operatorKey },
});
afterAll(program.stop);
const { api } = program;
const organization = api.as(program.organizationKey);
const operator = api.as(operatorKey);

interface Item {
  message_uuid: string;
  to: string;
  from: string;
  state: string;
  [field: string]: unknown;
}
interface Page {
  items: Item[];
  next: string | null;
}

const from = (value: string) => ({ type: "custom", value });

async function find(query: string, by: Api = api): Promise<Page> {
  const { status, text, body } = await by.request<Page>("GET", `/message?${query}`);
  if (status !== 200) throw new Error(`answered ${status}: ${text}`);
  return body;
}

/** Every page to the end. */
async function findAll(query: string, by: Api = api): Promise<Item[]> {
  const items: Item[] = [];
  for (let after = ""; ; ) {
    const page = await find(`${query}${after}`, by);
    items.push(...page.items);
    if (page.next === null) return items;
    after = `&after=${page.next}`;
  }
}

const uuids = (items: readonly Item[]) => items.map(({ message_uuid }) => message_uuid);

async function send(by: Api, messages: { to: string; body?: string; from?: object }[]): Promise<string[]> {
  const sent = await by.send({ defaults: { from: from("MyShop"), body: "Hello" }, messages });
  return sent.map(({ messageUuid }) => messageUuid);
}

describe("GET /message", () => {
  test("finds a number in any form, and the last of its digits, in rows and in memory, the newest first", async () => {
    const to = "447700901111";
    const held = gate();
    smsc.script(to, (_, count) => (count === 2 ? { when: held.opened } : {}));
    const [first] = await send(api, [{ to }]);
    await storyWith(api, first!, "delivered");
    await send(api, [{ to: "447700902222" }]);
    const [second] = await send(api, [{ to: `+${to}` }]);
    const expected = [second, first];
    for (const query of [`to=${to}`, `to=%2B${to}`, `to=+${to}`, "to=*901111", "to=*7700901111"]) {
      expect({ query, found: uuids((await find(query)).items) }).toEqual({ query, found: expected });
    }
    const states = (await find(`to=${to}`)).items.map(({ state }) => state);
    expect(states).toEqual(["accepted", "delivered"]);
    expect(uuids((await find(`to=${to}&state=accepted,submitted`)).items)).toEqual([second]);
    held.open();
    await storyWith(api, second!, "delivered");
    expect(uuids((await find(`to=${to}&limit=1`)).items)).toEqual([second]);
    expect(uuids(await findAll(`to=${to}&limit=1`))).toEqual(expected);
  });

  test("combines its filters", async () => {
    const refused = "447700903001";
    smsc.script(refused, { command_status: 0x0b });
    const before = new Date().toISOString();
    const ids = await send(api, [
      { to: refused, from: from("Filters") },
      { to: "447700903002", from: from("Filters") },
      { to: "447700903003", from: from("Others") },
    ]);
    await storyWith(api, ids[0]!, "failed");
    for (const id of ids.slice(1)) await storyWith(api, id, "delivered");
    // Those of one request may have been made in one millisecond.
    const newest = ids.toSorted().reverse();
    const two = newest.filter((id) => id !== ids[2]);
    expect(uuids(await findAll(`since=${before}`))).toEqual(newest);
    expect(uuids(await findAll(`until=${before}&from=Filters`))).toEqual([]);
    expect(uuids(await findAll("from=Filters"))).toEqual(two);
    expect(uuids(await findAll("from=Filters&state=failed"))).toEqual([ids[0]]);
    expect(uuids(await findAll("from=Filters&code=43"))).toEqual([ids[0]]);
    expect(uuids(await findAll("from=Filters&code=00&channel=sms"))).toEqual([ids[1]]);
    expect(uuids(await findAll("from=Filters&channel=rcs"))).toEqual([]);
    expect(uuids(await findAll(`from=Filters&carrier=scripted&state=delivered`, operator))).toEqual([ids[1]]);
    expect(uuids(await findAll("from=Filters&carrier=nobody", operator))).toEqual([]);
    expect((await find("from=Filters&state=failed")).items[0]).toMatchObject({ code: "43", submitted_at: null });
  });

  test("finds a batch's, by either of its identifiers, with its text", async () => {
    const id = crypto.randomUUID();
    const destinations = ["447700904001", "447700904002", "447700904003"];
    await api.sendBatch({ id, from: "MyShop", message: "To all", destinations });
    const items = await until("the batch to be delivered", async () => {
      const found = await findAll(`batch=${id}&limit=2`);
      return found.length === 3 && found.every(({ state }) => state === "delivered") && found;
    });
    expect(items.map(({ to }) => to)).toEqual(destinations.map((to) => `+${to}`).reverse());
    expect(items[0]).toMatchObject({ batch_uuid: id, body: "To all", from: "MyShop", callback: null });
  });

  test("shows an account its own, an organization its accounts', the operator all", async () => {
    const to = "447700905001";
    const [own] = await send(api, [{ to }]);
    const other = api.as(await addAccount(program.database.pool));
    const [others] = await send(other, [{ to }]);
    await storyWith(api, own!, "delivered");
    await storyWith(other, others!, "delivered");
    expect(uuids(await findAll(`to=${to}`))).toEqual([own]);
    expect(uuids(await findAll(`to=${to}`, other))).toEqual([others]);
    const [shown] = await findAll(`to=${to}`, organization);
    expect(shown).toMatchObject({ message_uuid: own, account_uuid: expect.any(String), carrier: "scripted" });
    expect(uuids(await findAll(`to=${to}`, operator))).toEqual([others, own]);
    expect(uuids(await findAll(`to=${to}&account=${shown!.account_uuid}`, operator))).toEqual([own]);
    expect(uuids(await findAll(`to=${to}&account=${crypto.randomUUID()}`, operator))).toEqual([]);
    expect(Object.keys((await findAll(`to=${to}`))[0]!)).not.toContain("carrier");
  });

  test.each([
    ["to=12345", "?to"],
    ["to=*12345", "?to"],
    ["state=lost", "?state"],
    ["code=ZZ", "?code"],
    ["channel=fax", "?channel"],
    ["from=%00", "?from"],
    ["batch=7", "?batch"],
    ["since=yesterday", "?since"],
    ["format=xml", "?format"],
    ["carrier=scripted", "?carrier"],
    ["number=447700900123", "?number"],
    ["limit=0", "?limit"],
    ["after=x", "?after"],
  ])("names what is wrong with %s", async (query, path) => {
    const { status, body }: Answer<Problem> = await api.request("GET", `/message?${query}`);
    expect({ status, paths: body.errors?.map((fault) => fault.path) }).toEqual({ status: 400, paths: [path] });
  });

  test("a search that the store holds up is cut short, and says so", async () => {
    const client = await program.database.pool.connect();
    try {
      await client.query("BEGIN; LOCK TABLE message IN ACCESS EXCLUSIVE MODE");
      const cut = await api.request<Problem>("GET", "/message?from=Held");
      expect(cut.body).toMatchObject({ status: 503, type: expect.stringMatching(/query-too-slow$/) });
      expect(cut.headers["retry-after"]).toBe("1");
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
    expect(await findAll("from=Held")).toEqual([]);
  });
});

describe("as CSV", () => {
  test("every message, streamed, with texts that are no formulas", async () => {
    const body = '=HYPERLINK("http://x"),\n"+1"';
    const ids = await send(api, [{ to: "447700906001", body, from: from("Csv") }]);
    await storyWith(api, ids[0]!, "delivered");
    const { text, headers } = await api.request("GET", "/message?format=csv&from=Csv");
    expect(headers["content-type"]).toBe("text/csv; charset=utf-8; header=present");
    const [head, ...rows] = text.split("\r\n");
    expect(head).toBe(
      "message_uuid,batch_uuid,to,from,channel,body,parts,state,code,description,accepted_at,submitted_at,final_at,callback",
    );
    expect(rows.join("\r\n")).toContain(`+447700906001,Csv,sms,"'=HYPERLINK(""http://x""),\n""+1""",1,delivered,00,`);
    const all = await organization.request("GET", "/message?format=csv&limit=2");
    expect(all.text.split("\r\n")[0]).toMatch(/,callback,account_uuid,carrier$/);
  });

  test("every message of a batch", async () => {
    const batch = await api.sendBatch({ from: "MyShop", message: "x", destinations: ["447700906002", "447700906003"] });
    await until("the batch to be delivered", async () => (await api.status(batch)).counts.delivered === 2);
    const { text } = await api.request("GET", `/batch/${batch}?details=true&format=csv`);
    const [head, ...rows] = text.trimEnd().split("\r\n");
    expect(head).toBe("destination,delivered,failed,batchuuid,messageuuid,code,description");
    expect(rows.map((row) => row.split(",").toSpliced(4, 1).join(","))).toEqual([
      `+447700906002,true,false,${batch},00,Successful`,
      `+447700906003,true,false,${batch},00,Successful`,
    ]);
    expect((await api.request("GET", `/batch/${batch}?format=csv`)).status).toBe(400);
  });
});

describe("GET /batch?all=true", () => {
  test("lists every batch, the newest first, with how far it has come", async () => {
    const since = new Date().toISOString();
    const later = new Date(Date.now() + 86_400_000).toISOString();
    const batch = await api.sendBatch({
      from: "Batches",
      message: "x",
      destinations: ["447700907001", "447700907002"],
    });
    const [single] = await api.send({ messages: [{ from: from("Batches"), to: "447700907003", body: "x" }] });
    const pending = await api.sendBatch({
      from: "Batches",
      message: "x",
      destinations: ["447700907004"],
      send_at: later,
    });
    const list = async (query: string, by: Api = api) =>
      (await by.request<{ items: Record<string, unknown>[]; next: string | null }>("GET", `/batch?all=true&${query}`))
        .body;
    const common = { from: "Batches", unitcount: 1, failed: 0 };
    const expected = [
      { ...common, identifier: pending, at: later, messagecount: 1, delivered: 0, state: "pending" },
      {
        ...common,
        identifier: single!.batchUuid,
        at: expect.any(String),
        messagecount: 1,
        delivered: 1,
        state: "done",
      },
      { ...common, identifier: batch, at: expect.any(String), messagecount: 2, delivered: 2, state: "done" },
    ];
    await until("all to be done", async () => {
      const { items } = await list(`since=${since}&from=Batches`);
      return items.filter(({ state }) => state === "done").length === 2;
    });
    expect(await list(`since=${since}&from=Batches`)).toEqual({ items: expected, next: null });
    const pages = [];
    for (let after = ""; ; ) {
      const { items, next } = await list(`since=${since}&from=Batches&limit=1${after}`, organization);
      pages.push(...items);
      if (next === null) break;
      after = `&after=${next}`;
    }
    const [account] = (await organization.request<{ accounts: { identifier: string }[] }>("GET", "/account")).body
      .accounts;
    const whose = expected.map((item) => ({ ...item, account_uuid: account!.identifier }));
    expect(pages).toEqual(whose);
    expect((await list(`since=${since}&from=Batches`, operator)).items).toEqual(whose);
    expect((await list(`until=${since}&from=Batches`)).items).toEqual([]);
    expect((await api.request("GET", "/batch?all=true&state=done")).status).toBe(400);
    expect((await organization.request("GET", "/batch")).status).toBe(400);
  });
});

const later = new Date(Date.now() + 86_400_000).toISOString();
const batch = { from: "MyShop", message: "Hello", callback: "https://hooks.example.com/receipts" };
const destinations = ["447700900001", "447700900002"];
const other = api.as(await addAccount(program.database.pool));
const content = (by: Api, uuid: string) => by.request<BatchWithContent>("GET", `/batch/${uuid}?content=true`);

test("a batch is told of to its account, its organization and the operator, with what it sends", async () => {
  const given = randomUUID();
  const [single] = await api.send({
    messages: [
      { from: { type: "custom", value: "MyShop" }, to: "447700900003", body: "Hello", callback: batch.callback },
    ],
  });
  for (const uuid of [
    await api.sendBatch({ ...batch, destinations }),
    await api.sendBatch({ ...batch, destinations, id: given }),
    single!.batchUuid,
  ]) {
    const expected = {
      counts: { total: uuid === single!.batchUuid ? 1 : 2, delivered: expect.any(Number), failed: 0 },
      content: {
        at: expect.stringMatching(/Z$/),
        state: expect.stringMatching(/^(sending|done)$/),
        from: "MyShop",
        message: "Hello",
        callback: batch.callback,
        unitcount: 1,
      },
    };
    expect((await content(api, uuid)).body).toEqual(expected);
    const account_uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
    for (const by of [organization, operator]) {
      expect((await content(by, uuid)).body).toEqual({
        ...expected,
        content: { ...expected.content, account_uuid },
      });
      const { body } = await by.request<{ details: object[] }>("GET", `/batch/${uuid}?details=true&limit=100`);
      expect(body.details).toHaveLength(expected.counts.total);
    }
    expect((await content(other, uuid)).status).toBe(404);
  }
  expect((await content(operator, randomUUID())).status).toBe(404);
  expect((await api.request("GET", `/batch/${given}?content=true&details=true`)).status).toBe(400);
});

test("what is held shows its time, text and numbers, and its messages say where to look", async () => {
  const uuid = await api.sendBatch({ ...batch, destinations, send_at: later });
  expect((await content(organization, uuid)).body.content).toMatchObject({
    message: "Hello",
    state: "pending",
    at: later,
  });
  const { body } = await organization.request<{ details: { destination: string; messageuuid: string }[] }>(
    "GET",
    `/batch/${uuid}?details=true&limit=100`,
  );
  expect(body.details.map(({ destination }) => destination)).toEqual(destinations.map((number) => `+${number}`));
  const id = randomUUID();
  const [single] = await api.send({
    messages: [{ from: { type: "custom", value: "MyShop" }, to: "447700900003", body: "Hello", send_at: later, id }],
  });
  const detailOf = async (by: Api, message: string) => {
    const { status, body: problem } = await by.request<Problem>("GET", `/message/${message}`);
    expect(status).toBe(404);
    return problem.detail;
  };
  const heldBy = (held: string) => `is held for its time, ${later}: until then GET /batch/${held}?content=true`;
  for (const by of [api, organization, operator]) {
    for (const { messageuuid } of body.details) expect(await detailOf(by, messageuuid)).toContain(heldBy(uuid));
    expect(await detailOf(by, id)).toContain(heldBy(single!.batchUuid));
  }
  const unknown = "There is no such message.";
  expect(await detailOf(other, id)).toBe(unknown);
  expect(await detailOf(other, body.details[0]!.messageuuid)).toBe(unknown);
  // A number that the batch has no message of.
  expect(await detailOf(api, `${uuid.slice(0, -5)}00009`)).toBe(unknown);
  await api.request("DELETE", `/batch/${uuid}`);
  expect(await detailOf(api, body.details[0]!.messageuuid)).toBe(unknown);
});
