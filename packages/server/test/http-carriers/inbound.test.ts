import { describe, expect, test } from "vitest";
import type { InboundBody } from "../support/handset.ts";
import { until } from "../support/until.ts";
import { byHand, handset, httpRig, ownApi, post, send } from "./rig.ts";

const NUMBER = "447700900001";
const PATH = "/carriers/own/inbound";
const rig = await httpRig(
  ownApi(),
  (provider) => {
    const { inbound, ...own } = byHand(provider);
    const parts = { reference: "ref16", total: "of", sequence: "part", charset: "cs" };
    return [{ ...own, inbound: { ...(inbound as object), ...parts } }];
  },
  { senders: { shared: [NUMBER] } },
);
const { program, provider } = rig;
const { api } = program;

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
    expect(await post(program, PATH, { from: `+${from}`, to: NUMBER, text: "Grüße 👋", ref: "a1" })).toBe(200);
    const query = new URLSearchParams({ from, to: NUMBER, text: "by GET", ref: "a2" });
    expect((await fetch(new URL(`${PATH}?${query}`, program.url))).status).toBe(200);
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
    expect((await fetch(new URL(`${PATH}?${query}`, program.url))).status).toBe(200);
    expect((await textsFrom(from)).map(({ message }) => message)).toEqual([text]);
  });

  test("is told once, however often it is posted", async () => {
    const from = await known();
    const text = { from, to: NUMBER, text: "once", ref: "again and again" };
    expect(await Promise.all(Array.from({ length: 5 }, () => post(program, PATH, text)))).toEqual(Array(5).fill(200));
    expect(await post(program, PATH, text)).toBe(200);
    // Another by its name, and one that has none.
    expect(await post(program, PATH, { ...text, ref: "another" })).toBe(200);
    expect(await post(program, PATH, { ...text, ref: undefined })).toBe(200);
    expect(await textsFrom(from)).toHaveLength(3);
  });

  test("in parts is put together, whatever their order", async () => {
    const from = await known();
    const part = (sequence: number, text: string) =>
      post(program, PATH, { from, to: NUMBER, text, ref: `p${sequence}`, ref16: "7", of: "2", part: String(sequence) });
    expect({ second: await part(2, "world"), first: await part(1, "Hello, ") }).toEqual({ second: 200, first: 200 });
    expect((await textsFrom(from)).map(({ message }) => message)).toEqual(["Hello, world"]);
  });

  test("to nobody's number, or from no number, is taken and dropped", async () => {
    const from = await known();
    expect(await post(program, PATH, { from, to: "447700900999", text: "x", ref: "n1" })).toBe(200);
    expect(await post(program, PATH, { from: "MyBank", to: NUMBER, text: "x", ref: "n2" })).toBe(200);
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
    expect(await post(program, PATH, { from, to: NUMBER, text: " stop. ", ref: "s1" })).toBe(200);
    expect(await codeOf()).toBe("58");
    expect(await post(program, PATH, { from, to: NUMBER, text: "START", ref: "s2" })).toBe(200);
    expect(await codeOf()).toBe("sent");
  });
});
