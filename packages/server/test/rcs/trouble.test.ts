import { describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { event, post } from "./platform.ts";
import { finalOf, handset, rcsRig, rowOf, send, submitted } from "./rig.ts";

const operatorKey = "0f".repeat(16);
const routes = [
  { to: "44", channel: "rcs", carriers: ["rbm"] },
  { to: "49", channel: "rcs", carriers: ["elsewhere"] },
];
const rig = await rcsRig(
  { operatorKey, messages: { fallbackAfter: 1 }, routes },
  { responseTimeout: 1 },
  { id: "elsewhere", baseUrl: "https://192.0.2.1", responseTimeout: 1 },
  { id: "deaf", clientToken: null },
);
const { platform, smsc, program } = rig;
const { api, url } = program;

/** How the RCS carrier does. */
async function status(): Promise<{ state: string; counts: Record<string, number> }> {
  const { body } = await api
    .as(operatorKey)
    .request<{ items: { id: string; state: string; counts: Record<string, number> }[] }>("GET", "/carriers");
  return body.items.find(({ id }) => id === "rbm")!;
}

/** Sends by RCS and waits until it is delivered. */
async function delivered(to = handset()): Promise<string> {
  const sent = await send(rig, to, { channels: ["rcs"] });
  await submitted(rig, sent);
  expect(await event(url, "DELIVERED", platform.to(to).at(-1)!)).toBe(200);
  return finalOf(rig, sent);
}

describe("a platform in trouble", () => {
  test.each<[string, (number | "silence" | "reset")[]]>([
    ["asks to slow down", [429, 429, 200]],
    ["has a fault", [500, 200]],
    ["does not answer", ["silence", 200]],
    ["cuts the connection", ["reset", 200]],
    ["has the message already", [409]],
  ])("that %s gets the same message again, and no other", async (_, replies) => {
    const to = handset();
    platform.script(to, ...replies);
    expect(await delivered(to)).toBe("delivered 00");
    const messages = platform.to(to);
    expect(messages).toHaveLength(replies.length);
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(1);
    expect(await status()).toMatchObject({ state: expect.stringMatching(/up|slowed/), counts: { uncertain: 0 } });
  });

  test("that takes the token no more gets another", async () => {
    await delivered();
    platform.accepts = `token-${platform.tokens + 1}`;
    expect(await delivered()).toBe("delivered 00");
    expect(platform.messages.at(-1)!.authorization).toBe(`Bearer ${platform.accepts}`);
    platform.accepts = null;
  });

  test("that gives no token is down until it does", async () => {
    platform.accepts = "none";
    platform.tokenStatus = 503;
    const to = handset();
    const sent = await send(rig, to, { channels: ["rcs"] });
    await until("the carrier to be down", async () => (await status()).state === "down");
    platform.accepts = null;
    platform.tokenStatus = 200;
    await submitted(rig, sent);
    expect(program.output().stderr).toContain("no access token");
    expect(program.output().stderr).not.toContain("PRIVATE KEY");
  });

  test.each([
    [400, "failed 52"],
    [403, "failed 56"],
  ])("that answers %i refuses for good", async (reply, final) => {
    const to = handset();
    platform.script(to, reply);
    expect(await finalOf(rig, await send(rig, to, { channels: ["rcs"] }))).toBe(final);
    expect(platform.to(to)).toHaveLength(1);
  });
});

describe.concurrent("a message by RCS, then SMS, at the end of RCS's time", () => {
  test("goes by SMS where nothing was heard of it in its time", async () => {
    const sent = await send(rig, handset());
    const [message] = await platform.waitFor(sent.to);
    expect(await event(url, "TTL_EXPIRATION_REVOKE_FAILED", message!)).toBe(200);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    expect(await rowOf(rig, sent)).toMatchObject({ channel: null, fallback: null });
    expect({ rcs: platform.to(sent.to).length, sms: smsc.to(sent.to).length }).toEqual({ rcs: 1, sms: 1 });
  });

  test("goes by SMS where the platform takes nothing in its time", async () => {
    const to = handset();
    platform.script(to, 503);
    const sent = await send(rig, to);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    expect(smsc.to(to)).toHaveLength(1);
  });
});

test("routes are of one channel each", async () => {
  // Without routes of its own SMS goes by every carrier of it; RCS leads to 44 and 49 alone.
  expect(await finalOf(rig, await send(rig, "33612345678"))).toBe("delivered 00");
  expect(await finalOf(rig, await send(rig, "33612345679", { channels: ["rcs"] }))).toBe("failed 53");
  const to = handset();
  await send(rig, to);
  expect(await platform.waitFor(to)).toHaveLength(1);
});

test("confined to loopback, the program dials no other platform, and SMS is tried instead", async () => {
  expect(await finalOf(rig, await send(rig, "4915112345678"))).toBe("delivered 00");
  expect(program.output().stderr).toMatch(/192\.0\.2\.1/);
});

test("without a client token no events are taken, and the log says so", async () => {
  expect((await post(url, "{}", { carrier: "deaf" })).status).toBe(404);
  expect(program.output().stderr).toContain("without a clientToken no events are taken");
});

test("credits: a message costs its parts, once, whichever channel it takes", async () => {
  const to = handset();
  platform.script(to, 404);
  await program.database.pool.query("UPDATE account SET priced = true, balance = 10");
  const sent = await send(rig, to, { body: "x".repeat(200) });
  expect(await finalOf(rig, sent)).toBe("delivered 00");
  const { rows } = await program.database.pool.query("SELECT balance::int AS balance FROM account");
  expect(rows).toEqual([{ balance: 8 }]);
  await program.database.pool.query("UPDATE account SET priced = false");
});
