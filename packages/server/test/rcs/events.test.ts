import { describe, expect, onTestFinished, test } from "vitest";
import { type Story, storyWith, told } from "../messages/stories.ts";
import { lateStates } from "../support/late.ts";
import { newKey, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";
import { answer, CLIENT_TOKEN, event, eventOf, post } from "./platform.ts";
import { finalOf, handset, rcsRig, send, submitted } from "./rig.ts";

const operatorKey = newKey();
const rig = await rcsRig({ operatorKey });
const { platform, smsc, program } = rig;
const { api, url } = program;

/** A message that the platform has. */
async function sentMessage() {
  const sent = await send(rig, handset(), { channels: ["rcs"] });
  const [message] = await platform.waitFor(sent.to);
  await submitted(rig, sent);
  return { sent, message: message! };
}

async function parked(id: string): Promise<number> {
  const { rows } = await program.database.pool.query("SELECT FROM parked_receipt WHERE carrier_message_id = $1", [id]);
  return rows.length;
}

describe("the set-up of the webhook", () => {
  test("is answered with the secret, as text", async () => {
    const answer = await post(url, JSON.stringify({ clientToken: CLIENT_TOKEN, secret: "1234567890" }));
    expect(answer).toEqual({ status: 200, text: "1234567890" });
  });

  test("is refused with another token", async () => {
    const answer = await post(url, JSON.stringify({ clientToken: "other", secret: "1234567890" }));
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain(CLIENT_TOKEN);
  });
});

describe("an event", () => {
  test("counts in a push, and as the body itself", async () => {
    const [pushed, plain] = [await sentMessage(), await sentMessage()];
    expect(await event(url, "DELIVERED", pushed.message)).toBe(200);
    const body = eventOf("DELIVERED", plain.message.handset, plain.message.messageId);
    expect(await post(url, body)).toEqual({ status: 200, text: "" });
    expect({ pushed: await finalOf(rig, pushed.sent), plain: await finalOf(rig, plain.sent) }).toEqual({
      pushed: "delivered 00",
      plain: "delivered 00",
    });
  });

  test("is in its message's story as it came", async () => {
    const { sent, message } = await sentMessage();
    const body = eventOf("DELIVERED", message.handset, message.messageId);
    expect((await post(url, body)).status).toBe(200);
    const { events } = await storyWith(api, sent.messageUuid, "delivered");
    const receipt = events.find(({ kind }) => kind === "receipt");
    expect(receipt).toMatchObject({ state: "delivered", error: null, applied: true });
    expect(JSON.parse(receipt!.text as string)).toEqual(JSON.parse(body));
  });

  test("counts for nothing where it is not signed with the token, or another text is", async () => {
    const { sent, message } = await sentMessage();
    const body = eventOf("DELIVERED", message.handset, message.messageId);
    const data = Buffer.from(body).toString("base64");
    const unsigned = await fetch(new URL("/rcs/rbm", url), { method: "POST", body });
    expect({
      unsigned: unsigned.status,
      otherToken: (await post(url, body, { token: "other" })).status,
      otherBody: (await post(url, body, { signed: "{}" })).status,
      pushAsSigned: (await post(url, JSON.stringify({ message: { data } }))).status,
    }).toEqual({ unsigned: 403, otherToken: 403, otherBody: 403, pushAsSigned: 403 });
    expect(await event(url, "TTL_EXPIRATION_REVOKED", message)).toBe(200);
    expect(await finalOf(rig, sent)).toBe("failed 46");
  });

  test.each([
    ["none", {}],
    ["an empty one", { "x-goog-signature": "" }],
    ["one that is no HMAC-SHA512", { "x-goog-signature": "x".repeat(88) }],
    ["one in hexadecimal", { "x-goog-signature": "0".repeat(128) }],
  ])("is refused unread where it has no signature: %s", async (_, headers) => {
    // Read, it would be refused as no JSON.
    const body = `{"message": ${"x".repeat(2_000)}`;
    const answer = await fetch(new URL("/rcs/rbm", url), { method: "POST", headers, body });
    expect({ status: answer.status, text: await answer.text() }).toEqual({
      status: 403,
      text: expect.stringContaining("wrong-signature"),
    });
  });

  test("is refused where it is longer than any of the platform's", async () => {
    const body = JSON.stringify({ eventType: "DELIVERED", padding: "x".repeat(64 * 1024) });
    expect((await post(url, body)).status).toBe(413);
  });

  test("that comes twice, or contradicts what is final, changes nothing", async () => {
    const { sent, message } = await sentMessage();
    for (const type of ["DELIVERED", "DELIVERED", "READ", "TTL_EXPIRATION_REVOKED"] as const) {
      expect(await event(url, type, message)).toBe(200);
    }
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    const { pool } = program.database;
    expect(await lateStates(pool, sent.messageUuid)).toEqual(["expired"]);
    expect(rig.hooks.received(sent.path)).toHaveLength(1);
  });

  test("of an unknown message is kept for a while, as receipts are", async () => {
    const messageId = "01a209e4-176d-7660-b8de-a22610700001";
    expect(await event(url, "DELIVERED", { handset: handset(), messageId })).toBe(200);
    expect(await parked(messageId)).toBe(1);
  });

  test("of another kind is taken, and says nothing", async () => {
    const { sent, message } = await sentMessage();
    expect(await event(url, "IS_TYPING", message)).toBe(200);
    expect((await program.api.status(sent.batchUuid, "")).counts).toEqual({ total: 1, delivered: 0, failed: 0 });
  });

  test.each([
    ["no JSON", "x", 400],
    ["no object", "5", 400],
    ["no event in its push", JSON.stringify({ message: { data: "eA==" } }), 400],
  ])("that is %s is refused", async (_, body, status) => {
    const signed = body.startsWith("{") ? "x" : body;
    expect((await post(url, body, { signed })).status).toBe(status);
  });

  test("that is nested deeper than any is refused, in a push and as the body itself", async () => {
    const deep = `{"suggestionResponse":${'{"a":'.repeat(6_000)}1${"}".repeat(6_000)},"senderPhoneNumber":"+${handset()}"}`;
    const push = JSON.stringify({ message: { data: Buffer.from(deep).toString("base64") } });
    expect([(await post(url, deep)).status, (await post(url, push, { signed: deep })).status]).toEqual([400, 400]);
  });

  test("to a carrier that is none, or none of RCS, is not found", async () => {
    for (const carrier of ["none", "scripted"]) expect((await post(url, "{}", { carrier })).status).toBe(404);
  });

  test("is answered only once it is committed", async () => {
    const { sent, message } = await sentMessage();
    const { pool } = program.database;
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query("SELECT FROM message WHERE id = $1 FOR UPDATE", [sent.messageUuid]);
    let answered: number | undefined;
    const posting = event(url, "DELIVERED", message).then((status) => {
      answered = status;
    });
    await until("the program to wait for the row", async () => {
      const { rows } = await pool.query(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      );
      return rows.length > 0;
    });
    expect(answered).toBeUndefined();
    await client.query("COMMIT");
    client.release();
    await posting;
    expect(answered).toBe(200);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
  });
});

test("an event that comes to a program which only accepts counts for one that sends", async () => {
  const carriers = [smsc.carrier(), platform.carrier(rig.credentialsFile)];
  const config = { roles: ["api"], carriers, callbacks: { allowPrivateAddresses: true } };
  const accepting = await startProgram({ database: program.database, config });
  onTestFinished(accepting.stop);
  const there = { ...rig, program: accepting };
  for (const type of ["DELIVERED", "TTL_EXPIRATION_REVOKED"] as const) {
    const sent = await send(there, handset());
    const [message] = await platform.waitFor(sent.to);
    await submitted(there, sent);
    expect(await event(accepting.url, type, message!)).toBe(200);
    expect(await finalOf(there, sent)).toBe("delivered 00");
    expect(smsc.to(sent.to)).toHaveLength(type === "DELIVERED" ? 0 : 1);
  }
  const answered = await send(there, handset(), { channels: ["rcs"] });
  await submitted(there, answered);
  expect(await answer(accepting.url, answered.to, { text: "Hi" })).toBe(200);
  const { body } = await accepting.api.request("GET", `/inbound?from=${answered.to}`);
  expect(body).toMatchObject({ items: [{ message: "Hi", message_uuid: answered.messageUuid }] });
});

test("a message's story has the channel that failed, and the one that it went on to", async () => {
  const to = handset();
  platform.script(to, 404);
  smsc.script(to, { message_id: "m-1" });
  const messages = [{ from: { type: "custom", value: "MyShop" }, to, body: "x", channels: ["rcs", "sms"] }];
  const [sent] = await api.send({ messages });
  const story = await storyWith(api, sent!.messageUuid, "delivered");
  expect(told(story).map((event) => (event as { kind: string }).kind)).toEqual([
    "accepted",
    "refused",
    "fallback",
    "submitted",
    "receipt",
    "delivered",
  ]);
  expect(told(story)[1]).toMatchObject({ carrier: "rbm", status: "HTTP 404", part: 1 });
  expect(told(story)[2]).toEqual({ kind: "fallback", from: "rcs", to: "sms" });
  expect(told(story)[3]).toMatchObject({ carrier: "scripted", carrier_message_id: "m-1" });
  // The same, as it was remembered.
  smsc.script(to, {});
  const again = await send(rig, to);
  const [, refused] = told(await storyWith(api, again.messageUuid, "delivered"));
  expect(refused).toMatchObject({
    kind: "refused",
    status: "no RCS, as was asked before",
    code: "41",
  });
});

test("what a carrier says after its channel was given up is told, and moves nothing", async () => {
  const byRcs = await send(rig, handset());
  const [message] = await platform.waitFor(byRcs.to);
  await submitted(rig, byRcs);
  await event(url, "TTL_EXPIRATION_REVOKED", message!);
  await storyWith(api, byRcs.messageUuid, "delivered");
  await event(url, "DELIVERED", message!);
  const applied = { part: 1, applied: true, why: null };
  const late = { applied: false, why: "late" };
  expect(receiptsOf(await storyWith(api, byRcs.messageUuid, "receipt", 3))).toEqual([
    { carrier: "rbm", state: "expired", ...applied },
    { carrier: "scripted", state: "delivered", ...applied },
    { carrier: "rbm", state: "delivered", part: 1, ...late },
  ]);

  const to = handset();
  smsc.script(to, ({ part }) => ({ receipts: part?.sequence === 2 ? [{ stat: "UNDELIV" }] : [] }));
  const bySms = await send(rig, to, { channels: ["sms", "rcs"], body: "x".repeat(200) });
  const [after] = await platform.waitFor(to);
  await submitted(rig, bySms);
  const [first] = smsc.idsOf(to);
  await smsc.receipt({ id: first! });
  await event(url, "DELIVERED", after!);
  expect(receiptsOf(await storyWith(api, bySms.messageUuid, "delivered"))).toEqual([
    { carrier: "scripted", state: "undeliverable", ...applied, part: 2 },
    { carrier: "scripted", state: "delivered", part: 1, ...late },
    { carrier: "rbm", state: "delivered", ...applied, part: null },
  ]);
});

test("when a message was read is told with its own time, and moves nothing that is final", async () => {
  const { sent, message } = await sentMessage();
  const read = (sendTime: string) => {
    const { handset, messageId } = message;
    const event = { senderPhoneNumber: `+${handset}`, eventType: "READ", eventId: "e", messageId, sendTime };
    return post(url, JSON.stringify({ ...event, agentId: "shop" }));
  };
  await event(url, "DELIVERED", message);
  await storyWith(api, sent.messageUuid, "delivered");
  expect((await read("2030-01-31T09:30:00.123456Z")).status).toBe(200);
  const story = await storyWith(api, sent.messageUuid, "receipt", 2);
  expect(receiptsOf(story)[1]).toEqual({ carrier: "rbm", state: "read", part: 1, applied: false, why: "repeated" });
  expect(story.events.find(({ state }) => state === "read")).toMatchObject({ done_at: "2030-01-31T09:30:00.123Z" });
  expect(rig.hooks.received(sent.path)).toHaveLength(1);
  // Alone, it says that the message was delivered.
  const other = await sentMessage();
  expect(await event(url, "READ", other.message)).toBe(200);
  expect(await finalOf(rig, other.sent)).toBe("delivered 00");
  const alone = await storyWith(api, other.sent.messageUuid, "delivered");
  expect(receiptsOf(alone)).toEqual([{ carrier: "rbm", state: "read", part: 1, applied: true, why: null }]);
});

describe("an answer of a handset", () => {
  const inbox = async (to: string) => {
    const { body } = await api.request<{ items: Record<string, unknown>[] }>("GET", `/inbound?from=${to}`);
    return body.items;
  };

  test("goes to the account whose message it answers, like those over SMS", async () => {
    const path = "/answers";
    const account = await api.request<{ account: { identifier: string } }>("GET", "/me");
    const { identifier } = account.body.account;
    const body = { inbound_url: rig.hooks.url(path) };
    await api.as(program.organizationKey).request("PUT", `/account/${identifier}/webhook`, { body });
    const { sent, message } = await sentMessage();
    const payload = { mimeType: "image/png", fileSizeBytes: 5, fileName: "a.png", fileUri: "https://example.com/a" };
    const tap = { postbackData: "yes\0", text: "Yes" };
    const contents = [
      [{ text: "Grüße 👋" }, "Grüße 👋", { type: "text" }],
      [{ suggestionResponse: tap }, "Yes", { type: "suggestion", ...tap }],
      [{ userFile: { payload } }, "", { type: "file", payload }],
      [{ location: { latitude: 51.5, longitude: -0.1 } }, "", { type: "location", latitude: 51.5, longitude: -0.1 }],
    ] as const;
    for (const [content] of contents) expect(await answer(url, message.handset, content)).toBe(200);
    const told = (await rig.hooks.waitFor(path, contents.length)).map((hook) => JSON.parse(hook.body));
    expect(told).toEqual(
      contents.map(([, text, rcs]) => ({
        account_uuid: identifier,
        batch_uuid: sent.batchUuid,
        message_uuid: sent.messageUuid,
        mo_uuid: expect.any(String),
        channel: "rcs",
        message: text,
        at: expect.stringMatching(/Z$/),
        from: Number(message.handset),
        to: "MyShop",
        rcs,
      })),
    );
    expect(await inbox(message.handset)).toEqual(told);
  });

  test("that the platform posts again is told once", async () => {
    const { message } = await sentMessage();
    for (const text of ["Once", "Once", "Twice"]) {
      expect(await answer(url, message.handset, { text }, text === "Once" ? "a" : "b")).toBe(200);
    }
    expect((await inbox(message.handset)).map(({ message }) => message)).toEqual(["Once", "Twice"]);
  });

  test("to a message of a batch names the batch, by the caller's identifiers", async () => {
    const to = handset();
    const id = "6f1d4b0e-5d5b-4c0a-9a3e-2f6f3f0f8a11";
    await api.sendBatch({ id, from: "447700900001", message: "x", destinations: [to], channel: "rcs" } as never);
    await platform.waitFor(to);
    expect(await answer(url, to, { text: "Hi" })).toBe(200);
    expect(await inbox(to)).toMatchObject([{ batch_uuid: id, to: "447700900001" }]);
  });

  test("that says STOP opts the handset out of the account, as a text and as a tap", async () => {
    for (const content of [{ text: "stop" }, { suggestionResponse: { text: "Stop", postbackData: "x" } }]) {
      const { message } = await sentMessage();
      expect(await answer(url, message.handset, content)).toBe(200);
      const sent = await send(rig, message.handset, { channels: ["rcs"], callback: rig.hooks.url("/stopped") });
      await until("it to fail", async () => (await api.status(sent.batchUuid)).details[0]?.info?.code === "58");
    }
  });

  test("to no message goes to the only organization's first account, and to nobody where there are several", async () => {
    const [alone, among] = [handset(), handset()] as const;
    expect(await answer(url, alone, { text: "Hello?" })).toBe(200);
    expect(await inbox(alone)).toMatchObject([{ batch_uuid: null, message_uuid: null, to: "shop" }]);
    expect((await api.as(operatorKey).request("POST", "/organization", { body: { name: "x" } })).status).toBe(200);
    // Taken: posted again it would be nobody's either.
    expect(await answer(url, among, { text: "Hello?" })).toBe(200);
    expect(await inbox(among)).toEqual([]);
  });
});

function receiptsOf(story: Story): object[] {
  return story.events
    .filter(({ kind }) => kind === "receipt")
    .map(({ carrier, state, part, applied, why }) => ({ carrier, state, part, applied, why }));
}
