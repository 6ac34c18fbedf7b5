import type { Fields } from "@messaging-plus/smpp";
import { afterAll, describe, expect, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { claimMessages } from "../../src/store/messages/claim-messages.ts";
import { insertPlannedMessages } from "../../src/store/messages/insert-messages.ts";
import { testDatabase } from "../support/database.ts";
import { Handset, type InboundBody } from "../support/handset.ts";
import { newMessage } from "../support/new-message.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { type Submitted, scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
const [one, other, tagged, osmo] = await Promise.all([
  scriptedSmsc(),
  scriptedSmsc(),
  scriptedSmsc(),
  // It does as OsmoMSC 1.9.0: one id for all messages, and a reference's low octet in receipts.
  scriptedSmsc(),
]);
afterAll(() => Promise.all([one, other, tagged, osmo].map((each) => each.close())));
const uk = { national: "44", prefix: "0" };
/** Each carrier has settings of its own, and a prefix that leads to it. */
const program = await startProgram({
  config: {
    senders: { shared: ["447700900001"] },
    carriers: [
      one.carrier({ id: "one", destinationFormat: uk, inboundNumbers: uk, alphabet: "latin1" }),
      other.carrier({ id: "other", receiptsWith: "one" }),
      tagged.carrier({ id: "tagged", tlvs: { "0x1400": "entity", "0x1401": "none" } }),
      osmo.carrier({ id: "osmo", messageIds: "reference" }),
    ],
    routes: [{ carriers: ["one", "other"] }, { to: "4478", carriers: ["tagged"] }, { to: "4479", carriers: ["osmo"] }],
    callbacks: { allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
const { api, database } = program;
const FROM = { type: "custom", value: "MyShop" } as const;

test("a text in the carrier's alphabet to our number in national form comes through", async () => {
  const organization = api.as(program.organizationKey);
  const me = await organization.request<{ accounts: { identifier: string }[] }>("GET", "/account");
  const account = me.body.accounts[0]!.identifier;
  const inbound = { inbound_url: hooks.url("/national") };
  await organization.request("PUT", `/account/${account}/webhook`, { body: inbound });
  await organization.request("POST", "/sender", { body: { value: "447700900999", account } });
  const handset = new Handset(one, "07700900123");
  const text = Buffer.from("@ l'été", "latin1");
  expect(await handset.write("07700900999", "", { data_coding: 0, short_message: text })).toBe(0);
  const [received] = await hooks.waitFor("/national", 1);
  const body = JSON.parse(received!.body) as InboundBody;
  expect(body).toMatchObject({ from: 447700900123, to: "447700900999", message: "@ l'été" });
});

test("a receipt over the carrier that shares the ids is the message's", async () => {
  one.script("07700900456", { receipts: [], message_id: "shared-1" });
  const message = { from: { type: "custom", value: "MyShop" }, to: "447700900456", body: "x" };
  const [sent] = await api.send({ messages: [message] });
  await one.waitFor("07700900456");
  await other.receipt({ id: "shared-1", source_addr: "447700900456" });
  await until("its end", async () => {
    const { body } = await api.request<{ counts: { delivered: number } }>("GET", `/batch/${sent!.batchUuid}`);
    return body.counts.delivered === 1;
  });
});

describe("TLVs that a carrier or a message names", () => {
  const raw = (submit: Submitted | undefined) =>
    submit?.tlvs.raw?.map(({ tag, value }) => [tag.toString(16), value.toString("latin1")]);
  const OWN = [
    ["1400", "entity"],
    ["1401", "template"],
    ["1402", "\0\xff"],
  ];
  const tlvs = { "0x1401": "template", "0x1402": { hex: "00ff" } };

  test("a message's own go with it, in place of the carrier's of the same tag", async () => {
    await api.send({
      messages: [
        { from: FROM, to: "447800900101", body: "x", tlvs },
        { from: FROM, to: "447800900102", body: "y".repeat(200) },
      ],
      defaults: { tlvs: { "0x1401": "of all" } },
    } as never);
    expect(raw((await tagged.waitFor("447800900101"))[0])).toEqual(OWN);
    for (const submit of await tagged.waitFor("447800900102", 2))
      expect(raw(submit)).toEqual([
        ["1400", "entity"],
        ["1401", "of all"],
      ]);
    await api.send({ messages: [{ from: FROM, to: "447800900103", body: "x" }] });
    expect(raw((await tagged.waitFor("447800900103"))[0])).toEqual([
      ["1400", "entity"],
      ["1401", "none"],
    ]);
  });

  test("a batch's go with each of its messages", async () => {
    const destinations = ["447800900111", "447800900112"];
    await api.sendBatch({ from: "MyShop", message: "x", destinations, tlvs } as never);
    for (const to of destinations) expect(raw((await tagged.waitFor(to))[0])).toEqual(OWN);
  });

  test("those of what is held for its time go with it then", async () => {
    const send_at = new Date(Date.now() + 3_600_000).toISOString();
    await api.send({ messages: [{ from: FROM, to: "447800900121", body: "x", send_at, tlvs }] } as never);
    await api.sendBatch({ from: "MyShop", message: "x", destinations: ["447800900122"], send_at, tlvs } as never);
    await database.pool.query("UPDATE pending_batch SET at = now()");
    for (const to of ["447800900121", "447800900122"]) expect(raw((await tagged.waitFor(to))[0])).toEqual(OWN);
  });

  test("they are erased with the message", async () => {
    const [sent] = await api.send({ messages: [{ from: FROM, to: "447800900131", body: "x", tlvs }] } as never);
    await until("its end", async () => (await api.status(sent!.batchUuid)).counts.delivered === 1);
    const stored = async () =>
      (await database.pool.query("SELECT tlvs FROM message WHERE id = $1", [sent!.messageUuid])).rows[0]!.tlvs;
    expect(JSON.parse(await stored())).toEqual(tlvs);
    await api.as(program.organizationKey).request("DELETE", "/handset/447800900131");
    await until("the erasure", async () => (await stored()) === null);
  });

  test("what is at fault is named by its tag, and nothing is taken", async () => {
    const message = { from: FROM, to: "447800900141", body: "x" };
    const { status, body } = await api.request<{ errors: { path: string }[] }>("POST", "/message", {
      body: {
        messages: [
          { ...message, tlvs: { "0x0424": "x", "0x1401": "x".repeat(256), "0x1402": "a\0" } },
          { ...message, tlvs: { "0x141": "x" } },
          { ...message, tlvs: { "0x1401": 5 } },
          { ...message, tlvs: "0x1401" },
          { ...message, tlvs: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`0x14${at + 10}`, "x"])) },
        ],
      },
    });
    expect(status).toBe(400);
    expect(body.errors.map(({ path }) => path).sort()).toEqual([
      "messages[0].tlvs.0x0424",
      "messages[0].tlvs.0x1401",
      "messages[0].tlvs.0x1402",
      "messages[1].tlvs.0x141",
      "messages[2].tlvs.0x1401",
      "messages[3].tlvs",
      "messages[4].tlvs",
    ]);
    expect(tagged.to("447800900141")).toEqual([]);
  });

  test("they are claimed with a message that nobody has in memory", async () => {
    const store = await testDatabase();
    try {
      const id = messageId(newBatchId(Date.now()), 1);
      const plan = { channel: "sms", fallback: null } as const;
      await insertPlannedMessages(store.pool, [newMessage({ id, leasedBy: 0, plan, tlvs: JSON.stringify(tlvs) })]);
      expect(await claimMessages(store.pool, 1, 10, 10)).toMatchObject([{ id, tlvs: JSON.stringify(tlvs) }]);
    } finally {
      await store.close();
    }
  });
});

describe("messages that the carrier tells apart by reference", () => {
  const NOT_AN_ID = { message_id: "msg_id_not_implemented", receipts: [] };
  const from = { type: "custom", value: "447700900002" } as const;
  let stored = 0;

  /** Its receipt has the number of its own row as id, and no dates; it only ever says delivered. */
  function receiptOf(submit: Submitted, fields: Fields<"deliver_sm"> = {}): Fields<"deliver_sm"> {
    const id = String(++stored).padStart(8, "0");
    const text = `id:${id} sub:000 dlvrd:000 submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DELIVRD err:000 text:`;
    return {
      service_type: "CMT",
      source_addr_ton: 3,
      source_addr_npi: 1,
      source_addr: submit.destination_addr,
      destination_addr: submit.source_addr,
      esm_class: 0x04,
      data_coding: 0x02,
      short_message: Buffer.from(text, "latin1"),
      tlvs: { user_message_reference: (submit.tlvs.user_message_reference ?? 0) & 0xff },
      ...fields,
    };
  }

  async function send(to: string, body = "x"): Promise<{ batch: string; submits: Submitted[] }> {
    osmo.script(to, NOT_AN_ID);
    const parts = body.length <= 160 ? 1 : Math.ceil(body.length / 153);
    const before = osmo.to(to).length;
    const [sent] = await api.send({ messages: [{ from, to, body }] });
    const submits = (await osmo.waitFor(to, before + parts)).slice(before);
    await until("the submits to be recorded", async () => {
      const { rows } = await database.pool.query("SELECT FROM message WHERE id > $1 AND state = 1", [sent!.batchUuid]);
      return rows.length > 0;
    });
    return { batch: sent!.batchUuid, submits };
  }

  async function delivered(...batches: string[]): Promise<number> {
    let sum = 0;
    // One by one: an account's requests wait for each other's turn at the store, of which a busy machine has too many.
    for (const batch of batches) sum += (await api.status(batch)).counts.delivered;
    return sum;
  }

  test("receipts come to their messages by reference and number, though all have one id", async () => {
    const one = await send("447900900101");
    const other = await send("447900900102");
    expect(await osmo.deliver(receiptOf(other.submits[0]!))).toMatchObject({ command_status: 0 });
    await until("its delivery", async () => (await delivered(other.batch)) === 1);
    expect(await delivered(one.batch)).toBe(0);
    await osmo.deliver(receiptOf(one.submits[0]!));
    await until("the other's", async () => (await delivered(one.batch)) === 1);
  });

  test("a reference counts for its own handset alone, in whichever form its number is", async () => {
    const { batch, submits } = await send("447900900103");
    await osmo.deliver(receiptOf(submits[0]!, { source_addr: "447900900104" }));
    expect(await delivered(batch)).toBe(0);
    await osmo.deliver(receiptOf(submits[0]!, { source_addr: "07900900103" }));
    await until("its delivery", async () => (await delivered(batch)) === 1);
  });

  test("a receipt without a reference is nobody's, and one with addresses that are not turned round is taken", async () => {
    const { batch, submits } = await send("447900900105");
    const { source_addr, destination_addr } = submits[0]!;
    await osmo.deliver(receiptOf(submits[0]!, { tlvs: {} }));
    expect(await delivered(batch)).toBe(0);
    await osmo.deliver(receiptOf(submits[0]!, { source_addr, destination_addr }));
    await until("its delivery", async () => (await delivered(batch)) === 1);
  });

  test("each part of a long text has a reference of its own, and each receipt counts for one", async () => {
    const { batch, submits } = await send("447900900106", "x".repeat(320));
    expect(new Set(submits.map(({ tlvs }) => tlvs.user_message_reference)).size).toBe(submits.length);
    for (const submit of submits.slice(1)) await osmo.deliver(receiptOf(submit));
    expect(await delivered(batch)).toBe(0);
    await osmo.deliver(receiptOf(submits[0]!));
    await until("its delivery", async () => (await delivered(batch)) === 1);
  });

  test("references stay within an octet and none is 0; more messages than that to a handset end each with a receipt", async () => {
    const to = "447900900107";
    osmo.script(to, NOT_AN_ID);
    const sent = await api.send({
      messages: Array.from({ length: 300 }, (_, body) => ({ from, to, body: `${body}` })),
    });
    const submits = await osmo.waitFor(to, 300);
    const references = submits.map(({ tlvs }) => tlvs.user_message_reference ?? 0);
    const { size: different } = new Set(references);
    expect({ least: Math.min(...references), most: Math.max(...references), different }).toEqual({
      least: 1,
      most: 255,
      different: 255,
    });
    for (const submit of submits) await osmo.deliver(receiptOf(submit));
    await until("all deliveries", async () => (await delivered(...sent.map(({ batchUuid }) => batchUuid))) === 300);
  });

  test("a receipt that comes before the submit's answer is kept for it", async () => {
    const to = "447900900108";
    osmo.script(to, (submit) => ({ ...NOT_AN_ID, when: osmo.deliver(receiptOf(submit)) }));
    const [sent] = await api.send({ messages: [{ from, to, body: "x" }] });
    await until("its delivery", async () => (await delivered(sent!.batchUuid)) === 1);
  });
});
