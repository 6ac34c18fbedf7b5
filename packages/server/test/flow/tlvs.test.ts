import { afterAll, expect, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { claimMessages } from "../../src/store/messages/claim-messages.ts";
import { insertPlannedMessages } from "../../src/store/messages/insert-messages.ts";
import { testDatabase } from "../support/database.ts";
import { newMessage } from "../support/new-message.ts";
import { startProgram } from "../support/program.ts";
import { type Submitted, scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const program = await startProgram({
  config: { carriers: [smsc.carrier({ tlvs: { "0x1400": "entity", "0x1401": "none" } })] },
});
afterAll(program.stop);
const { api, database } = program;

const FROM = { type: "custom", value: "MyShop" } as const;
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
      { from: FROM, to: "447700900101", body: "x", tlvs },
      { from: FROM, to: "447700900102", body: "y".repeat(200) },
    ],
    defaults: { tlvs: { "0x1401": "of all" } },
  } as never);
  expect(raw((await smsc.waitFor("447700900101"))[0])).toEqual(OWN);
  for (const submit of await smsc.waitFor("447700900102", 2))
    expect(raw(submit)).toEqual([
      ["1400", "entity"],
      ["1401", "of all"],
    ]);
  await api.send({ messages: [{ from: FROM, to: "447700900103", body: "x" }] });
  expect(raw((await smsc.waitFor("447700900103"))[0])).toEqual([
    ["1400", "entity"],
    ["1401", "none"],
  ]);
});

test("a batch's go with each of its messages", async () => {
  const destinations = ["447700900111", "447700900112"];
  await api.sendBatch({ from: "MyShop", message: "x", destinations, tlvs } as never);
  for (const to of destinations) expect(raw((await smsc.waitFor(to))[0])).toEqual(OWN);
});

test("those of what is held for its time go with it then", async () => {
  const send_at = new Date(Date.now() + 3_600_000).toISOString();
  await api.send({ messages: [{ from: FROM, to: "447700900121", body: "x", send_at, tlvs }] } as never);
  await api.sendBatch({ from: "MyShop", message: "x", destinations: ["447700900122"], send_at, tlvs } as never);
  await database.pool.query("UPDATE pending_batch SET at = now()");
  for (const to of ["447700900121", "447700900122"]) expect(raw((await smsc.waitFor(to))[0])).toEqual(OWN);
});

test("they are erased with the message", async () => {
  const [sent] = await api.send({ messages: [{ from: FROM, to: "447700900131", body: "x", tlvs }] } as never);
  await until("its end", async () => (await api.status(sent!.batchUuid)).counts.delivered === 1);
  const stored = async () =>
    (await database.pool.query("SELECT tlvs FROM message WHERE id = $1", [sent!.messageUuid])).rows[0]!.tlvs;
  expect(JSON.parse(await stored())).toEqual(tlvs);
  await api.as(program.organizationKey).request("DELETE", "/handset/447700900131");
  await until("the erasure", async () => (await stored()) === null);
});

test("what is at fault is named by its tag, and nothing is taken", async () => {
  const message = { from: FROM, to: "447700900141", body: "x" };
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
  expect(smsc.to("447700900141")).toEqual([]);
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
