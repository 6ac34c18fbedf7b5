import { describe, expect, test } from "vitest";
import { storyWith } from "../messages/stories.ts";
import type { InboundBody } from "../support/handset.ts";
import { until } from "../support/until.ts";
import { byHand, finalOf, handset, httpRig, ownApi, post, send, sentTo, submitted } from "./rig.ts";

const operatorKey = "0f".repeat(16);
const NUMBER = "447700900001";
const rig = await httpRig(
  ownApi(),
  (provider) => {
    const { inbound, ...own } = byHand(provider, { responseTimeout: 1 });
    const parts = { reference: "ref16", total: "of", sequence: "part", charset: "cs" };
    return [{ ...own, inbound: { ...(inbound as object), ...parts } }];
  },
  { operatorKey, senders: { shared: [NUMBER] } },
);
const { provider, hooks, program } = rig;
const { api } = program;
const RECEIPTS = "/carriers/own/receipts";
const INBOUND = "/carriers/own/inbound";

async function status(): Promise<{ state: string; counts: Record<string, number> }> {
  const { body } = await program.api
    .as(operatorKey)
    .request<{ items: { state: string; counts: Record<string, number> }[] }>("GET", "/carriers");
  return body.items[0]!;
}

describe("a message", () => {
  test("goes out as the templates have it, and its receipt makes it delivered", async () => {
    const text = 'He said "hi"\n{to} \\ Grüße 👋';
    const { sent, asked } = await sentTo(rig, handset(), { body: text });
    expect(asked).toMatchObject({
      method: "POST",
      path: `/sms?ref=${sent.messageUuid}`,
      headers: { authorization: "Bearer t0ken", "x-sender": "MyShop", "content-type": "application/json" },
      json: { to: sent.to, text, parts: 1, receipts: `${program.url}${RECEIPTS}` },
    });
    expect(asked.json!.ttl).toBeGreaterThan(172_700);
    expect(asked.json!.ttl).toBeLessThanOrEqual(172_800);
    const id = await idOf(sent);
    expect(await post(program, RECEIPTS, { id, state: "moving" })).toBe(200);
    expect(await post(program, RECEIPTS, { id, state: "ok" })).toBe(200);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
  });

  test.each([
    ["bad", undefined, "failed 31"],
    ["bad", "absent", "failed 22"],
    ["bad", "unheard of", "failed 31"],
    ["gone", "absent", "failed 46"],
    ["barred", undefined, "failed 58"],
    ["DELIVERED", undefined, "delivered 00"],
  ])("of which the provider says %s, for %s, is %s", async (state, reason, final) => {
    const { sent } = await sentTo(rig);
    expect(await post(program, RECEIPTS, { id: await idOf(sent), state, reason })).toBe(200);
    expect(await finalOf(rig, sent)).toBe(final);
  });

  test("keeps in its story what the provider said", async () => {
    const { sent } = await sentTo(rig);
    const receipt = { id: await idOf(sent), state: "bad", reason: "absent", cell: { mcc: 234 } };
    expect(await post(program, RECEIPTS, receipt)).toBe(200);
    const { events } = await storyWith(api, sent.messageUuid, "failed");
    expect(events.find(({ kind }) => kind === "receipt")).toMatchObject({
      state: "undeliverable",
      error: "absent",
      text: JSON.stringify(receipt),
      applied: true,
    });
  });

  test("whose receipts are repeated, or contradict the first, is told of once", async () => {
    const { sent } = await sentTo(rig);
    const id = await idOf(sent);
    for (const state of ["ok", "ok", "bad", "moving", "ok"]) {
      expect(await post(program, RECEIPTS, { id, state })).toBe(200);
    }
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    const { sent: after } = await sentTo(rig);
    await post(program, RECEIPTS, { id: await idOf(after), state: "ok" });
    await finalOf(rig, after);
    expect(hooks.received(sent.path)).toHaveLength(1);
  });

  test("whose receipt comes before the submit's answer is delivered all the same", async () => {
    const to = handset();
    provider.script(to, {
      status: 202,
      body: { data: { id: "early-1" } },
      before: async () => expect(await post(program, RECEIPTS, { id: "early-1", state: "ok" })).toBe(200),
    });
    expect(await finalOf(rig, await send(rig, to))).toBe("delivered 00");
  });

  test.each<[string, Parameters<typeof provider.script>[1], string]>([
    ["its own error", { status: 400, body: { error: { code: "E7" } } }, "failed 4A"],
    ["a status that is mapped", { status: 410 }, "failed 5C"],
    ["a status of success that is not this API's", { status: 200, body: { data: { id: "x" } } }, "failed 32"],
    ["400", { status: 400, body: "no" }, "failed 52"],
    ["403", { status: 403 }, "failed 56"],
    ["a redirect", { status: 307, headers: { location: "/elsewhere" } }, "failed 32"],
  ])("is refused for good by %s", async (_, reply, final) => {
    const to = handset();
    provider.script(to, reply);
    expect(await finalOf(rig, await send(rig, to))).toBe(final);
    expect(provider.to(to)).toHaveLength(1);
  });

  test.each<[string, Parameters<typeof provider.script>[1], number]>([
    ["an error that means later", { status: 400, body: { error: { code: "E9" } } }, 0],
    ["429", { status: 429 }, 0],
    ["503", { status: 503 }, 0],
    ["500", { status: 500 }, 0],
    ["an answer of a gateway that had none", { status: 504 }, 1],
    ["an answer that never comes", "silence", 1],
    ["a connection that is cut", "reset", 1],
  ])("goes out again after %s", async (_, reply, uncertain) => {
    const before = (await status()).counts.uncertain!;
    const to = handset();
    provider.script(to, reply);
    const sent = await send(rig, to);
    await provider.waitFor(to, 2);
    await post(program, RECEIPTS, { id: await idOf(sent), state: "ok" });
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    expect((await status()).counts.uncertain! - before).toBe(uncertain);
  });

  test("that goes out again after Retry-After goes no earlier", async () => {
    const to = handset();
    let refusedAt = 0;
    provider.script(to, () => {
      refusedAt = Date.now();
      return { status: 429, headers: { "retry-after": "2" } };
    });
    const sent = await send(rig, to);
    const again = await until("the second try", () => provider.to(to).length === 2 && Date.now());
    expect(again - refusedAt).toBeGreaterThanOrEqual(2_000);
    await submitted(rig, sent);
  });
});

describe("credentials that the provider refuses", () => {
  test("put the carrier down until it takes them", async () => {
    const to = handset();
    provider.script(to, { status: 401 });
    const sent = await send(rig, to);
    await until("the carrier to be down", async () => (await status()).state === "down");
    await submitted(rig, sent);
    expect(program.output().stderr).toContain("refused the credentials");
    expect(program.output().stderr).not.toContain("t0ken");
  });
});

describe("what a provider posts", () => {
  test.each([
    ["to a carrier that is none", "/carriers/none/receipts", 404],
    ["with a secret where there is none", "/carriers/own/receipts/x", 404],
  ])("%s is not found, before it is read", async (_, path, expected) => {
    expect(await post(program, path, `{"broken": ${"x".repeat(1_000)}`)).toBe(expected);
  });

  test("that is no JSON although it says so is refused, and one without an id or a state is taken and left", async () => {
    expect(await post(program, RECEIPTS, "{", { "content-type": "application/json" })).toBe(400);
    for (const body of [{}, { id: "m" }, { state: "ok" }, { id: {}, state: "ok" }, []]) {
      expect(await post(program, RECEIPTS, body)).toBe(200);
    }
  });

  test("of an unknown message is kept for a while, as receipts are", async () => {
    expect(await post(program, RECEIPTS, { id: "nobody-1", state: "ok" })).toBe(200);
    const text = "SELECT FROM parked_receipt WHERE carrier_message_id = 'nobody-1'";
    expect((await program.database.pool.query(text)).rows).toHaveLength(1);
  });

  test("is refused where it is longer than any", async () => {
    expect(await post(program, RECEIPTS, { id: "x".repeat(70_000), state: "ok" })).toBe(413);
  });
});

/** A handset that has had a message from the shared number. */
async function known(): Promise<string> {
  const to = handset();
  await send(rig, to, { from: { type: "shared" } });
  await provider.waitFor(to);
  return to;
}

async function textsFrom(handset: string): Promise<InboundBody[]> {
  const { body } = await api.request<{ items: InboundBody[] }>("GET", "/inbound?limit=1000");
  return body.items.filter(({ from }) => from === Number(handset));
}

describe("a text that a provider posts", () => {
  test("is passed on, by POST or by GET, in any script", async () => {
    const from = await known();
    expect(await post(program, INBOUND, { from: `+${from}`, to: NUMBER, text: "Grüße 👋", ref: "a1" })).toBe(200);
    const query = new URLSearchParams({ from, to: NUMBER, text: "by GET", ref: "a2" });
    expect((await fetch(new URL(`${INBOUND}?${query}`, program.url))).status).toBe(200);
    const texts = await textsFrom(from);
    expect(texts.map(({ message, to, channel }) => [message, to, channel])).toEqual([
      ["Grüße 👋", NUMBER, "sms"],
      ["by GET", NUMBER, "sms"],
    ]);
  });

  test.each([
    ["UTF-16BE", "%04%1F%04%40%00%2B%00+%D8%3D%DC%4B", "Пр+ 👋"],
    ["ISO-8859-1", "Gr%FC%DFe", "Grüße"],
    ["gsm", "Gr%C3%BC%C3%9Fe", "Grüße"],
  ])("is read in the charset that the request names: %s", async (charset, octets, text) => {
    const from = await known();
    const query = `from=${from}&to=${NUMBER}&text=${octets}&cs=${charset}&ref=${charset}`;
    expect((await fetch(new URL(`${INBOUND}?${query}`, program.url))).status).toBe(200);
    expect((await textsFrom(from)).map(({ message }) => message)).toEqual([text]);
  });

  test("is told once, however often it is posted", async () => {
    const from = await known();
    const text = { from, to: NUMBER, text: "once", ref: "again and again" };
    expect(await Promise.all(Array.from({ length: 5 }, () => post(program, INBOUND, text)))).toEqual(
      Array(5).fill(200),
    );
    expect(await post(program, INBOUND, text)).toBe(200);
    // Another by its name, and one that has none.
    expect(await post(program, INBOUND, { ...text, ref: "another" })).toBe(200);
    expect(await post(program, INBOUND, { ...text, ref: undefined })).toBe(200);
    expect(await textsFrom(from)).toHaveLength(3);
  });

  test("in parts is put together, whatever their order", async () => {
    const from = await known();
    const part = (sequence: number, text: string) =>
      post(program, INBOUND, {
        from,
        to: NUMBER,
        text,
        ref: `p${sequence}`,
        ref16: "7",
        of: "2",
        part: String(sequence),
      });
    expect({ second: await part(2, "world"), first: await part(1, "Hello, ") }).toEqual({ second: 200, first: 200 });
    expect((await textsFrom(from)).map(({ message }) => message)).toEqual(["Hello, world"]);
  });

  test("to nobody's number, or from no number, is taken and dropped", async () => {
    const from = await known();
    expect(await post(program, INBOUND, { from, to: "447700900999", text: "x", ref: "n1" })).toBe(200);
    expect(await post(program, INBOUND, { from: "MyBank", to: NUMBER, text: "x", ref: "n2" })).toBe(200);
    expect(await textsFrom(from)).toEqual([]);
  });

  test("of STOP opts the handset out, and START in again", async () => {
    const from = await known();
    const codeOf = async () => {
      const { batchUuid } = await send(rig, from, { from: { type: "shared" } });
      return until("its fate", async () => {
        const failed = (await api.status(batchUuid)).details[0]?.info?.code;
        return failed ?? (provider.to(from).length > 1 && "sent");
      });
    };
    expect(await post(program, INBOUND, { from, to: NUMBER, text: " stop. ", ref: "s1" })).toBe(200);
    expect(await codeOf()).toBe("58");
    expect(await post(program, INBOUND, { from, to: NUMBER, text: "START", ref: "s2" })).toBe(200);
    expect(await codeOf()).toBe("sent");
  });
});

/** The id that the provider gave, once it is stored. */
async function idOf({ messageUuid }: { messageUuid: string }): Promise<string> {
  const { carrier_message_id } = await until("the submit to be recorded", async () => {
    const text = "SELECT carrier_message_id FROM message WHERE id = $1 AND state = 1";
    return (await program.database.pool.query<{ carrier_message_id: string }>(text, [messageUuid])).rows[0];
  });
  return carrier_message_id;
}
