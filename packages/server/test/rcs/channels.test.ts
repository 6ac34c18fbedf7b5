import { describe, expect, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { claimMessages } from "../../src/store/messages/claim-messages.ts";
import { findRich } from "../../src/store/messages/find-rich.ts";
import { insertBatches } from "../../src/store/messages/insert-batches.ts";
import { insertPlannedMessages } from "../../src/store/messages/insert-messages.ts";
import { testDatabase } from "../support/database.ts";
import { newMessage } from "../support/new-message.ts";
import { until } from "../support/until.ts";
import { event } from "./platform.ts";
import { finalOf, handset, rcsRig, rowOf, send, submitted } from "./rig.ts";

const rig = await rcsRig();
const { platform, smsc, program, hooks } = rig;
const { api, database, url } = program;

const AT_RCS = { state: 1, channel: "rcs", fallback: "sms" };
const AT_SMS = { channel: null, fallback: null };

describe.concurrent("a message by RCS, then SMS", () => {
  test("is delivered by RCS: one receipt, and no SMS", async () => {
    const sent = await send(rig, handset(), { body: "Grüße 👋" });
    const [message] = await platform.waitFor(sent.to);
    expect(message).toMatchObject({ messageId: sent.messageUuid, agentId: "shop" });
    expect(message!.authorization).toMatch(/^Bearer token-\d+$/);
    expect(message!.body.contentMessage).toEqual({ text: "Grüße 👋" });
    expect(Number.parseFloat(message!.body.ttl!)).toBeLessThanOrEqual(300);
    await submitted(rig, sent);
    expect(await rowOf(rig, sent)).toEqual(AT_RCS);
    expect(await event(url, "DELIVERED", message!)).toBe(200);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    expect(await event(url, "READ", message!)).toBe(200);
    expect({ sms: smsc.to(sent.to), webhooks: hooks.received(sent.path).length }).toEqual({ sms: [], webhooks: 1 });
  });

  test("goes by SMS where the handset has no RCS", async () => {
    const to = handset();
    platform.script(to, 404);
    const sent = await send(rig, to);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    expect(await rowOf(rig, sent)).toMatchObject(AT_SMS);
    expect({ rcs: platform.to(to).length, sms: smsc.to(to).map(({ text }) => text) }).toEqual({
      rcs: 1,
      sms: ["Hello"],
    });
  });

  test("asks once whether the handset has RCS, and goes by SMS at once where it has none", async () => {
    const [without, with_] = [handset(), handset()] as const;
    platform.without.add(without);
    for (const to of [without, without, with_, with_]) {
      const sent = await send(rig, to);
      if (to === without) expect(await finalOf(rig, sent)).toBe("delivered 00");
      else await submitted(rig, sent);
    }
    const told = (to: string) => ({
      asked: platform.asked.filter((one) => one === to).length,
      rcs: platform.to(to).length,
      sms: smsc.to(to).length,
    });
    expect(told(without)).toEqual({ asked: 1, rcs: 0, sms: 2 });
    expect(told(with_)).toEqual({ asked: 1, rcs: 2, sms: 0 });
  });

  test("goes by SMS where the platform could not deliver it in its time, and a late word changes nothing", async () => {
    const sent = await send(rig, handset());
    const [message] = await platform.waitFor(sent.to);
    await submitted(rig, sent);
    expect(await event(url, "TTL_EXPIRATION_REVOKED", message!)).toBe(200);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    for (const type of ["TTL_EXPIRATION_REVOKED", "DELIVERED"] as const)
      expect(await event(url, type, message!)).toBe(200);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    expect({ sms: smsc.to(sent.to).length, webhooks: hooks.received(sent.path).length }).toEqual({
      sms: 1,
      webhooks: 1,
    });
  });

  test("fails once, with what the last channel says", async () => {
    const to = handset();
    platform.script(to, 404);
    smsc.script(to, { receipts: [{ stat: "UNDELIV", err: "001" }] });
    const sent = await send(rig, to);
    expect(await finalOf(rig, sent)).toBe("failed 4A");
    expect(hooks.received(sent.path)).toHaveLength(1);
  });

  test("in several parts is one text by RCS, and parts by SMS", async () => {
    const to = handset();
    platform.script(to, 404);
    const body = "x".repeat(200);
    const sent = await send(rig, to, { body });
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    expect(platform.to(to).map((message) => message.body.contentMessage)).toEqual([{ text: body }]);
    expect(smsc.to(to)).toHaveLength(2);
  });
});

describe.concurrent("a message by SMS, then RCS", () => {
  const channels = ["sms", "rcs"];

  test("is delivered by SMS", async () => {
    const sent = await send(rig, handset(), { channels });
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    expect(platform.to(sent.to)).toEqual([]);
  });

  test("goes by RCS where its receipt says that it failed", async () => {
    const to = handset();
    smsc.script(to, { receipts: [{ stat: "UNDELIV" }] });
    const sent = await send(rig, to, { channels });
    const [message] = await platform.waitFor(to);
    expect(await event(url, "DELIVERED", message!)).toBe(200);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
  });

  test("of several parts goes by RCS where one of them failed, and the others' receipts change nothing", async () => {
    const to = handset();
    smsc.script(to, ({ part }) => ({ receipts: part?.sequence === 2 ? [{ stat: "UNDELIV" }] : [] }));
    const sent = await send(rig, to, { channels, body: "x".repeat(200) });
    const [message] = await platform.waitFor(to);
    await submitted(rig, sent);
    for (const id of smsc.idsOf(to)) await smsc.receipt({ id, stat: "UNDELIV" });
    expect(await event(url, "READ", message!)).toBe(200);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    expect(hooks.received(sent.path)).toHaveLength(1);
  });
});

describe.concurrent("a message by RCS alone", () => {
  const channels = ["rcs"];

  test.each<[string, "DELIVERED" | "TTL_EXPIRATION_REVOKED", string]>([
    ["is delivered", "DELIVERED", "delivered 00"],
    ["fails where the platform gave it up", "TTL_EXPIRATION_REVOKED", "failed 46"],
  ])("%s", async (_, type, final) => {
    const sent = await send(rig, handset(), { channels, validity: 600 });
    const [message] = await platform.waitFor(sent.to);
    expect(Number.parseFloat(message!.body.ttl!)).toBeGreaterThan(500);
    await submitted(rig, sent);
    expect(await event(url, type, message!)).toBe(200);
    expect(await finalOf(rig, sent)).toBe(final);
    expect(smsc.to(sent.to)).toEqual([]);
  });

  test("fails where the handset has none", async () => {
    const to = handset();
    platform.script(to, 404);
    expect(await finalOf(rig, await send(rig, to, { channels }))).toBe("failed 41");
  });

  test("whose event comes before the submit's answer is recorded is delivered all the same", async () => {
    const to = handset();
    platform.script(to, "reset", 200);
    const sent = await send(rig, to, { channels });
    const [message] = await platform.waitFor(to);
    expect(await event(url, "DELIVERED", message!)).toBe(200);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    // Sent again under the same id, which the platform knows.
    expect(new Set(platform.to(to).map(({ messageId }) => messageId)).size).toBe(1);
  });
});

test("a batch goes by its channels, each handset for itself", async () => {
  const [withRcs, without] = [handset(), handset()] as const;
  platform.script(without, 404);
  const uuid = await api.sendBatch({
    from: "MyShop",
    message: "Hello",
    destinations: [withRcs, without],
    channel: "rcs",
    fallback_channels: ["sms"],
    callback: hooks.url("/batch"),
  });
  const [message] = await platform.waitFor(withRcs);
  expect(await event(url, "DELIVERED", message!)).toBe(200);
  await hooks.waitFor("/batch", 2);
  const { counts } = await until("the counts", async () => {
    const status = await api.status(uuid);
    return status.counts.delivered === 2 && status;
  });
  expect(counts).toEqual({ total: 2, delivered: 2, failed: 0 });
  expect({ withRcs: smsc.to(withRcs).length, without: smsc.to(without).length }).toEqual({ withRcs: 0, without: 1 });
});

test("the usual channel stands as null, and fallback_channels alone come after it", async () => {
  const to = handset();
  const [from, message] = ["MyShop", "x"];
  const plans = [
    {},
    { channel: "sms" },
    { fallback_channels: ["sms"] },
    { channel: "sms", fallback_channels: [] },
    { fallback_channels: ["rcs"] },
  ];
  const uuids: string[] = [];
  for (const plan of plans) uuids.push(await api.sendBatch({ from, message, destinations: [to], ...plan }));
  // What goes by SMS alone has its row with its outcome.
  const rows = await until("a row of each", async () => {
    const text = "SELECT channel, fallback FROM message WHERE batch_id = ANY ($1::uuid[]) ORDER BY id";
    const { rows } = await program.database.pool.query(text, [uuids]);
    return rows.length === plans.length && rows;
  });
  expect(rows).toEqual([...Array(4).fill(AT_SMS), { channel: null, fallback: "rcs" }]);
});

test("a scheduled message keeps its channels", async () => {
  const to = handset();
  const send_at = new Date(Date.now() + 3_600_000).toISOString();
  await send(rig, to, { send_at });
  const { pool } = program.database;
  const { rows } = await pool.query("UPDATE pending_batch SET at = now() RETURNING channel, fallback");
  expect(rows).toEqual([{ channel: "rcs", fallback: "sms" }]);
  const [message] = await platform.waitFor(to);
  expect(await event(url, "DELIVERED", message!)).toBe(200);
});

test("dryRun sends nothing by any channel", async () => {
  const to = handset();
  const messages = [{ from: { type: "custom", value: "MyShop" }, to, body: "x", channels: ["rcs", "sms"] }];
  const answers = await api.send({ messages }, "?dryRun=true");
  expect(answers).toMatchObject([{ to, scheduled: false }]);
  const { rows } = await program.database.pool.query("SELECT FROM message WHERE destination = $1", [to]);
  expect({ rows, rcs: platform.to(to), sms: smsc.to(to) }).toEqual({ rows: [], rcs: [], sms: [] });
});

const FROM = { type: "custom", value: "MyShop" } as const;
const BOTH = ["rcs", "sms"];
const rcs = { text: "Hi", suggestions: [{ reply: "Yes", postback: "yes" }] };
/** The same as the platform gets it. */
const CONTENT = { text: "Hi", suggestions: [{ reply: { text: "Yes", postbackData: "yes" } }] };

async function contentOf(to: string): Promise<unknown> {
  return (await platform.waitFor(to))[0]!.body.contentMessage;
}

async function story(messageUuid: string): Promise<{ body: string | null; rcs?: unknown }> {
  const { body } = await api.request<{ body: string | null; rcs?: unknown }>("GET", `/message/${messageUuid}`);
  return body;
}

/** How many there are of everything that a request may store. */
async function stored(): Promise<unknown> {
  const text = `SELECT (SELECT count(*) FROM message) AS messages, (SELECT count(*) FROM message_bundle) AS bundles,
    (SELECT count(*) FROM batch) AS batches, (SELECT count(*) FROM pending_batch) AS pending`;
  return (await database.pool.query(text)).rows[0];
}

describe.concurrent("rich content", () => {
  test("is what RCS shows in place of the text, and is told in the message's story", async () => {
    const sent = await send(rig, handset(), { rcs });
    expect(await contentOf(sent.to)).toEqual(CONTENT);
    expect(await story(sent.messageUuid)).toMatchObject({ body: "Hello", rcs });
    const plain = await send(rig, handset());
    expect(await contentOf(plain.to)).toEqual({ text: "Hello" });
    expect(await story(plain.messageUuid)).not.toHaveProperty("rcs");
  });

  test("is no part of the SMS to a handset without RCS", async () => {
    const to = handset();
    platform.script(to, 404);
    const sent = await send(rig, to, { rcs: { card: { title: "A card" } } });
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    expect(smsc.to(to).map(({ text }) => text)).toEqual(["Hello"]);
  });

  test("is taken whole from defaults, or from the message", async () => {
    const [inherits, own] = [handset(), handset()] as const;
    const messages = [
      { to: inherits, body: "x" },
      { to: own, body: "x", rcs: { suggestions: rcs.suggestions } },
    ];
    await api.send({ messages, defaults: { from: FROM, channels: BOTH, rcs } } as never);
    expect(await contentOf(inherits)).toEqual(CONTENT);
    expect(await contentOf(own)).toEqual({ ...CONTENT, text: "x" });
  });

  test("of a batch goes to each of its handsets, and is told with its content", async () => {
    const destinations = [handset(), handset()];
    const batch = { from: "MyShop", message: "Hello", destinations, channel: "rcs", fallback_channels: ["sms"], rcs };
    const identifier = await api.sendBatch(batch as never);
    for (const to of destinations) expect(await contentOf(to)).toEqual(CONTENT);
    const { body } = await api.request("GET", `/batch/${identifier}?content=true`);
    expect(body).toMatchObject({ content: { message: "Hello", rcs } });
  });

  test("of what is held for its time goes with it then", async () => {
    const send_at = new Date(Date.now() + 3_600_000).toISOString();
    const [single, ofBatch] = [handset(), handset()] as const;
    const sent = await send(rig, single, { rcs, send_at });
    const batch = { from: "MyShop", message: "Hello", destinations: [ofBatch], channel: "rcs", rcs, send_at };
    const identifier = await api.sendBatch(batch as never);
    const held = await api.request("GET", `/batch/${sent.batchUuid}?content=true`);
    expect(held.body).toMatchObject({ content: { state: "pending", rcs } });
    await database.pool.query("UPDATE pending_batch SET at = now() WHERE id = ANY ($1)", [
      [sent.batchUuid, identifier],
    ]);
    for (const to of [single, ofBatch]) expect(await contentOf(to)).toEqual(CONTENT);
  });

  test("is erased with the text", async () => {
    const [single, ofBatch] = [handset(), handset()] as const;
    const sent = await send(rig, single, { rcs });
    const batch = { from: "MyShop", message: "Hello", destinations: [ofBatch], channel: "rcs", rcs };
    const identifier = await api.sendBatch(batch as never);
    const rich = async () => {
      const text = `SELECT count(*)::int AS rich FROM (SELECT rich FROM message WHERE id = $1 UNION ALL
        SELECT rich FROM batch WHERE id = $2) AS all_of_it WHERE rich IS NOT NULL`;
      return (await database.pool.query(text, [sent.messageUuid, identifier])).rows[0].rich;
    };
    for (const to of [single, ofBatch]) {
      const [message] = await platform.waitFor(to);
      expect(await event(url, "DELIVERED", message!)).toBe(200);
    }
    await until("their ends", async () => {
      const all = [await api.status(sent.batchUuid), await api.status(identifier)];
      return all.every(({ counts }) => counts.delivered === 1);
    });
    expect(await rich()).toBe(2);
    for (const to of [single, ofBatch]) await api.as(program.organizationKey).request("DELETE", `/handset/${to}`);
    await until("the erasure", async () => (await rich()) === 0);
    expect(await story(sent.messageUuid)).not.toHaveProperty("rcs");
  });
});

test("rich content is found for a message that nobody has in memory, in its own row and in its batch's", async () => {
  const store = await testDatabase();
  try {
    const plan = { channel: "rcs", fallback: null } as const;
    const own = messageId(newBatchId(Date.now()), 1);
    const batchId = newBatchId(Date.now());
    const shared = { batchId, sender: null, body: null };
    const batch = {
      id: batchId,
      accountId: 1,
      total: 2,
      parts: 1,
      sender: "MyShop",
      body: "x",
      rich: JSON.stringify(rcs),
    };
    await insertBatches(store.pool, [{ ...batch, callback: null, endpoint: null, givenId: null }]);
    const ids = [own, messageId(batchId, 1), messageId(newBatchId(Date.now()), 1)];
    await insertPlannedMessages(store.pool, [
      newMessage({ id: ids[0]!, plan, rich: JSON.stringify(rcs) }),
      newMessage({ id: ids[1]!, plan, ...shared }),
      newMessage({ id: ids[2]!, plan }),
    ]);
    const claimed = await claimMessages(store.pool, 1, 10, 10);
    const rich = new Map(claimed.map((message) => [message.id, message.rich]));
    expect(ids.map((id) => rich.get(id))).toEqual([true, true, undefined]);
    expect(await Promise.all(ids.map((id) => findRich(store.pool, id)))).toEqual([rcs, rcs, null]);
  } finally {
    await store.close();
  }
});

test("of a request with faulty rich content nothing is taken", async () => {
  const before = await stored();
  const to = handset();
  const message = { from: FROM, to, body: "x", channels: BOTH };
  // Each fault: src/http/send/rich-faults.test.ts.
  const { status, body } = await api.request("POST", "/message", {
    body: { messages: [message, { ...message, rcs: { text: "" } }] },
  });
  expect({ status, errors: body.errors }).toEqual({
    status: 400,
    errors: [{ path: "messages[1].rcs.text", message: "must not be empty" }],
  });
  expect(await stored()).toEqual(before);
  expect(platform.to(to)).toEqual([]);
});
