import { describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { event } from "./platform.ts";
import { finalOf, handset, rcsRig, rowOf, send, submitted } from "./rig.ts";

const rig = await rcsRig();
const { platform, smsc, program, hooks } = rig;
const { api, url } = program;

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
    fallback_channels: ["rcs", "sms"],
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
  const plans = [{}, { channel: "sms" }, { fallback_channels: ["sms"] }, { fallback_channels: ["rcs"] }];
  const uuids: string[] = [];
  for (const plan of plans) uuids.push(await api.sendBatch({ from, message, destinations: [to], ...plan }));
  // What goes by SMS alone has its row with its outcome.
  const rows = await until("a row of each", async () => {
    const text = "SELECT channel, fallback FROM message WHERE batch_id = ANY ($1::uuid[]) ORDER BY id";
    const { rows } = await program.database.pool.query(text, [uuids]);
    return rows.length === plans.length && rows;
  });
  expect(rows).toEqual([...Array(3).fill(AT_SMS), { channel: null, fallback: "rcs" }]);
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
