import { randomUUID } from "node:crypto";
import type { MessageStory } from "@messaging-plus/sdk";
import { afterAll, describe, expect, test } from "vitest";
import { addAccount, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { type SmscReply, scriptedSmsc } from "../support/scripted-smsc.ts";
import { gate, until } from "../support/until.ts";
import { storyOf, storyWhere, storyWith, told } from "./stories.ts";

const hooks = await receiver();
afterAll(hooks.close);
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const operatorKey = "0".repeat(31) + 1;
const program = await startProgram({
  config: { carriers: [smsc.carrier()], callbacks: { allowPrivateAddresses: true }, operatorKey },
});
afterAll(program.stop);
const { api } = program;

let next = 447700901000;
const carrier = "scripted";
const error = "000";
const done_at = "2026-01-01T00:00:00.000Z";
const textOf = (id: string, stat = "DELIVRD") =>
  `id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:${stat} err:000 text:`;
const receipt = { kind: "receipt", carrier, part: 1, state: "delivered", error, done_at, applied: true, why: null };
const delivered = { kind: "delivered", code: "00", description: "Successful" };
const accepted = { kind: "accepted", via: "http" };
/** Written as it comes, in JSON: no linter takes it for a promise. */
const refused = (status: string, code: string, end: string) =>
  JSON.parse(
    `{"kind":"refused","carrier":"scripted","part":1,"status":"${status}","code":"${code}","then":"${end}"}`,
  ) as object;
const taken = (id: string, part = 1) => ({ kind: "submitted", carrier, part, carrier_message_id: id });

async function send(reply: SmscReply | ((count: number) => SmscReply), body = "Hello", more: object = {}) {
  const to = String(next++);
  smsc.script(to, (_, count) => (typeof reply === "function" ? reply(count) : reply));
  const messages = [{ from: { type: "custom", value: "MyShop" }, to, body, ...more }];
  const [sent] = await api.send({ messages });
  return { to, uuid: sent!.messageUuid, batch: sent!.batchUuid };
}

describe("the story of a message", () => {
  test("that was held for its time begins with its request", async () => {
    const before = Date.now();
    const send_at = new Date(before + 3_600_000).toISOString();
    const { uuid } = await send({ message_id: "m-held" }, "Hello", { send_at });
    const after = Date.now();
    await program.database.pool.query("UPDATE pending_batch SET at = now()");
    await until("its release", async () => (await api.request("GET", `/message/${uuid}`)).status === 200);
    const { events, accepted_at } = await storyWith(api, uuid, "delivered");
    expect(events.map(({ kind }) => kind)).toEqual(["accepted", "released", "submitted", "receipt", "delivered"]);
    expect(events[0]!.at).toBe(accepted_at);
    const at = Date.parse(accepted_at as string);
    // Clocks of two processes of one machine.
    expect(at).toBeGreaterThanOrEqual(before - 5);
    expect(at).toBeLessThanOrEqual(after + 5);
  });

  test("has its submit, its receipt as it came, its end, and each try of its webhook", async () => {
    const callback = hooks.url("/told");
    const id = randomUUID();
    const { to, uuid, batch } = await send({ message_id: "m-1" }, "Hello", { id, callback });
    const story = await storyWith(api, uuid, "webhook");
    expect(told(story)).toEqual([
      accepted,
      taken("m-1"),
      { ...receipt, text: textOf("m-1") },
      delivered,
      { kind: "webhook", attempt: 1, url: callback, status: 200, fault: null },
    ]);
    for (const event of story.events) {
      // As they are kept: milliseconds of submits, tenths of tries.
      if ("seconds" in event) expect(String(event.seconds)).toMatch(/^\d+(\.\d{1,4})?$/);
    }
    expect(story.events.every(({ at }, index) => index === 0 || at >= (story.events[index - 1]?.at ?? ""))).toBe(true);
    const { events, ...item } = story;
    const times = { accepted_at: events[0]?.at, submitted_at: events[1]?.at, final_at: expect.any(String) };
    expect(item).toEqual({
      message_uuid: id,
      batch_uuid: batch,
      to: `+${to}`,
      from: "MyShop",
      channel: "sms",
      body: "Hello",
      parts: 1,
      state: "delivered",
      code: "00",
      description: "Successful",
      ...times,
      callback,
      waiting: null,
    });
  });

  test("names each part of a long one", async () => {
    const { uuid, to } = await send({}, "x".repeat(161));
    const story = await storyWith(api, uuid, "delivered");
    const [one, two] = smsc.idsOf(to) as [string, string];
    const parts = [...story.events].filter(({ kind }) => kind === "submitted" || kind === "receipt");
    expect(
      told({ ...story, events: parts }).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    ).toEqual([
      { ...receipt, part: 1, text: textOf(one) },
      { ...receipt, part: 2, text: textOf(two) },
      taken(one, 1),
      taken(two, 2),
    ]);
  });

  test("has refusals by the name of their status, and what they led to", async () => {
    const later = await send((count) => (count === 1 ? { command_status: 0x58 } : { message_id: "m-2" }));
    expect(told(await storyWith(api, later.uuid, "delivered"))).toEqual([
      accepted,
      refused("ESME_RTHROTTLED", "20", "later"),
      taken("m-2"),
      { ...receipt, text: textOf("m-2") },
      delivered,
    ]);
    const never = await send({ command_status: 0x0b });
    expect(told(await storyWith(api, never.uuid, "failed"))).toEqual([
      accepted,
      refused("ESME_RINVDSTADR", "43", "fail"),
      { kind: "failed", code: "43", description: "Destination cannot be reached" },
    ]);
  });

  test("has receipts that moved nothing, with why", async () => {
    const { uuid } = await send({
      message_id: "m-3",
      receipts: [{ stat: "ENROUTE" }, {}, {}, { stat: "UNDELIV" }],
    });
    const story = await storyWith(api, uuid, "receipt", 4);
    const receipts = told({ ...story, events: story.events.filter(({ kind }) => kind === "receipt") });
    // Those that came in one millisecond stand in any order.
    expect(receipts).toHaveLength(4);
    expect(receipts).toEqual(
      expect.arrayContaining([
        { ...receipt, state: "enroute", text: textOf("m-3", "ENROUTE"), applied: false, why: "intermediate" },
        { ...receipt, text: textOf("m-3") },
        { ...receipt, text: textOf("m-3"), applied: false, why: "repeated" },
        { ...receipt, state: "undeliverable", text: textOf("m-3", "UNDELIV"), applied: false, why: "late" },
      ]),
    );
    expect(story.state).toBe("delivered");
  });

  test("has a receipt that came before the submit's answer", async () => {
    const { uuid } = await send({ message_id: "m-4", early: [{ stat: "ENROUTE" }, {}], receipts: [] });
    const story = await storyWith(api, uuid, "receipt", 2);
    expect(story.events.filter(({ kind }) => kind === "receipt").map(({ why }) => why)).toEqual(
      expect.arrayContaining(["intermediate", null]),
    );
    expect(told(story)).toContainEqual({ ...receipt, text: textOf("m-4") });
    await until("nothing of it to be parked", async () => {
      const text = "SELECT FROM parked_receipt WHERE carrier_message_id = 'm-4'";
      return (await program.database.pool.query(text)).rowCount === 0;
    });
    const later = await api.request<MessageStory>("GET", `/message/${uuid}`);
    expect(later.body.events.filter(({ kind }) => kind === "receipt")).toHaveLength(2);
  });

  test("has a submit whose answer never came", async () => {
    const { uuid } = await send((count) => (count === 1 ? { cut: true } : { message_id: "m-5" }));
    expect(told(await storyWith(api, uuid, "delivered"))).toEqual([
      accepted,
      { kind: "uncertain", carrier },
      taken("m-5"),
      { ...receipt, text: textOf("m-5") },
      delivered,
    ]);
  });

  test("is told while the message has no row, and says what it waits for", async () => {
    const answer = gate();
    const { uuid } = await send({ message_id: "m-6", when: answer.opened, receipts: [] });
    const underWay = await storyWhere(
      api,
      uuid,
      "the submit to be under way",
      ({ waiting }) => waiting?.why === "window",
    );
    expect(underWay).toMatchObject({ state: "accepted", submitted_at: null, final_at: null, code: null });
    expect(told(underWay)).toEqual([accepted]);
    answer.open();
    const submitted = await storyWith(api, uuid, "submitted");
    expect(submitted.waiting).toEqual({ why: "receipt", since: submitted.submitted_at, until: expect.any(String) });
  });

  test("has been lost by nobody's knowledge of a number or identifier", async () => {
    const { uuid } = await send({});
    const other = api.as(await addAccount(program.database.pool));
    const paths = [`/message/${uuid}`, `/message/${randomUUID()}`, "/message/x"];
    const statuses = await Promise.all(paths.map(async (path) => (await other.request("GET", path)).status));
    expect(statuses).toEqual([404, 404, 404]);
    expect((await api.request("GET", `/message/${uuid}?detail=true`)).status).toBe(400);
  });

  test("is seen by the organization and the operator, with account and carrier", async () => {
    const { uuid } = await send({});
    await storyWith(api, uuid, "delivered");
    const account_uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
    for (const key of [program.organizationKey, operatorKey]) {
      expect(await storyOf(api.as(key), uuid)).toMatchObject({ account_uuid, carrier, state: "delivered" });
    }
    expect(await storyOf(api, uuid)).not.toHaveProperty("account_uuid");
  });

  test("goes with the handset that is erased", async () => {
    const { uuid, to } = await send({});
    await storyWith(api, uuid, "delivered");
    await api.as(program.organizationKey).request("DELETE", `/handset/${to}`);
    const story = await storyWhere(api, uuid, "the erasure", (now) => now.to === null);
    expect(told(story)).toEqual([accepted, delivered]);
    await smsc.receipt({ id: smsc.idOf(to), stat: "UNDELIV" });
    expect(told(await storyOf(api, uuid))).toEqual([accepted, delivered]);
  });
});
