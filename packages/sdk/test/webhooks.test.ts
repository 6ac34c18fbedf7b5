import {
  parseWebhook,
  verifyInboundSignature,
  verifyWebhook,
  type WebhookFault,
  type WebhookHeaders,
} from "@messaging-plus/sdk";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { afterAll, describe, expect, test } from "vitest";
import { page, rowsOf } from "../../server/test/docs/page.ts";
import { type Received, receiver } from "../../server/test/support/receiver.ts";
import { until } from "../../server/test/support/until.ts";
import { startWithClients } from "./clients.ts";
import { body, now, other, own, signed, VECTORS } from "./webhook-vectors.ts";

const faultOf = (verified: Promise<void>): Promise<unknown> =>
  verified.then(
    () => null,
    (error: { fault?: unknown }) => error.fault,
  );

describe("a webhook", () => {
  test.each(VECTORS)("that was signed $name", async ({ headers, fault }) => {
    for (const text of [body, new TextEncoder().encode(body)]) {
      expect(await faultOf(verifyWebhook(headers, text, { secrets: [own, other], now }))).toBe(fault);
    }
  });

  test.each<[string, unknown]>([
    ["an object, as express.json() leaves it", JSON.parse(body)],
    ["an empty object", {}],
    ["nothing", undefined],
    ["null", null],
    ["empty, as a stream that was read leaves it", ""],
    ["empty octets", new Uint8Array()],
    ["an array of its octets", [...new TextEncoder().encode(body)]],
  ])("whose body is %s is refused with what to do", async (_what, parsed) => {
    const unfit = parsed as string;
    const message = expect.stringContaining("express.raw");
    const refusal = expect.objectContaining({ name: "WebhookError", fault: "body-parsed", message });
    const options = { secrets: [own], now };
    await expect(verifyWebhook(signed([own]), unfit, options)).rejects.toEqual(refusal);
    await expect(parseWebhook({ headers: signed([own]), body: unfit }, options)).rejects.toEqual(refusal);
    const inbound = { signature: "x", timestamp: String(now / 1_000), environment: "production" };
    await expect(verifyInboundSignature(inbound, unfit, options)).rejects.toEqual(refusal);
  });

  test("whose Request was read before is refused with what to do", async () => {
    const request = new Request("http://127.0.0.1/", { method: "POST", headers: signed([own]), body });
    await request.text();
    await expect(parseWebhook(request, { secrets: [own], now })).rejects.toMatchObject({ fault: "body-parsed" });
  });

  test("without header fields at all is refused with what to do", async () => {
    for (const headers of [undefined, null, "webhook-id: x", [], {}]) {
      const unfit = headers as unknown as WebhookHeaders;
      const refusal = { fault: "header-missing", message: expect.stringContaining("pass all header fields") };
      await expect(verifyWebhook(unfit, body, { secrets: [own], now })).rejects.toMatchObject(refusal);
    }
  });

  test("is judged alike whatever holds its header fields, and however their names are written", async () => {
    const headers = signed([own]);
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    for (const form of [headers, new Headers(headers), upper]) {
      expect(await faultOf(verifyWebhook(form, body, { secrets: [own], now }))).toBeNull();
    }
  });

  test("is judged as the published libraries judge it, whatever octet of it is changed", async () => {
    const secrets = [own];
    const at = Math.floor(Date.now() / 1_000) * 1_000;
    const whole = signed(secrets, { at });
    const svix = (headers: Record<string, string>) =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace("webhook", "svix"), value]));
    const judged = async (headers: Record<string, string>, text: string) => {
      const passes = (verify: () => unknown) => {
        try {
          verify();
          return true;
        } catch {
          return false;
        }
      };
      const ours = await verifyWebhook(headers, text, { secrets }).then(
        () => true,
        () => false,
      );
      return [
        ours,
        passes(() => new StandardWebhook(own).verify(text, headers)),
        passes(() => new SvixWebhook(own).verify(text, svix(headers))),
      ];
    };
    expect(await judged(whole, body)).toEqual([true, true, true]);
    for (const [name, value] of Object.entries(whole)) {
      for (let place = 0; place < value.length; place++) {
        const changed = value.slice(0, place) + (value[place] === "7" ? "8" : "7") + value.slice(place + 1);
        expect([name, place, ...(await judged({ ...whole, [name]: changed }, body))]).toEqual([
          name,
          place,
          false,
          false,
          false,
        ]);
      }
    }
  });

  test("is never by a secret that is none, which is no fault of the request", async () => {
    const inbound = { signature: "0".repeat(64), timestamp: String(now / 1_000), environment: "production" };
    for (const secrets of [[""], [], undefined, own, [undefined]] as string[][]) {
      await expect(verifyWebhook(signed([own]), body, { secrets, now })).rejects.toThrow(TypeError);
      await expect(verifyInboundSignature(inbound, body, { secrets, now })).rejects.toThrow(TypeError);
    }
    for (const secrets of [["whsec_"], ["whsec_%"]]) {
      await expect(verifyWebhook(signed([own]), body, { secrets, now })).rejects.toThrow(TypeError);
    }
  });

  test("tells nothing but what is known here", async () => {
    const options = { secrets: [own], now };
    for (const [text, message] of [
      ["{}", "of a kind that this version does not know"],
      ['{"type":"endpoint.moved","data":{}}', "of a kind that this version does not know"],
      ["[]", "of a kind that this version does not know"],
      ["null", "no object in JSON"],
      ["not JSON", "no object in JSON"],
    ] as const) {
      const refusal = { fault: "content-unknown", message: expect.stringContaining(message) };
      const request = { headers: signed([own], { text }), body: text };
      await expect(parseWebhook(request, options)).rejects.toMatchObject(refusal);
    }
  });
});

test("the test vectors of docs/webhooks.md hold", async () => {
  const text = page("docs/webhooks.md");
  const secrets = [...text.matchAll(/`(whsec_\w+=)`\s\(\d/g)].map(([, secret]) => secret!);
  const timestamp = /Timestamp: `(\d+)`/.exec(text)![1]!;
  const options = { secrets, now: Number(timestamp) * 1_000 };
  const vectors = rowsOf(text).filter((row) => row[3]?.startsWith("v1,"));
  expect({ secrets: secrets.length, vectors: vectors.length }).toEqual({ secrets: 2, vectors: 4 });
  for (const [webhookId, , sent, signature] of vectors) {
    const headers = { "webhook-id": webhookId, "webhook-timestamp": timestamp, "webhook-signature": signature };
    await verifyWebhook(headers, sent!, options);
  }
  const inbound = vectors[2]![2]!;
  const signature = /has\s`signature: (\w+)`/.exec(text)![1]!;
  const headers = { signature, timestamp, environment: "production" };
  await verifyInboundSignature(headers, inbound, options);
  const expectFault = (changed: object, fault: WebhookFault, more = {}) =>
    expect(verifyInboundSignature({ ...headers, ...changed }, inbound, { ...options, ...more })).rejects.toMatchObject({
      fault,
    });
  await expectFault({ environment: "staging" }, "signature-mismatch");
  await expectFault({ signature: signature.replace(/.$/, "") }, "header-malformed");
  await expectFault({ signature: undefined }, "header-missing");
  await expectFault({ timestamp: "soon" }, "header-malformed");
  await expectFault({}, "timestamp-too-far", { now: options.now + 301_000 });
  await expectFault({}, "signature-mismatch", { secrets: [own] });
});

describe("what the server sends", async () => {
  const hooks = await receiver();
  afterAll(hooks.close);
  const number = "447700900001";
  const program = await startWithClients({
    config: { senders: { shared: [number] }, environment: "staging", callbacks: { retryDelays: [] } },
  });
  afterAll(program.stop);
  const { account, organization } = program;
  const { accounts } = await organization.accounts.list();
  const { identifier } = accounts[0]!;
  const inbound_url = hooks.url("/inbound");
  await organization.accountWebhooks.setUrls(identifier, { inbound_url, events_url: hooks.url("/events") });
  const secrets = [
    (await organization.accountWebhooks.createSecret(identifier)).secret,
    (await organization.accountWebhooks.createSecret(identifier)).secret,
  ];
  const from = { type: "shared" } as const;
  const send = async (to: string, callback: string) =>
    (await account.messages.send({ messages: [{ from, to, body: "x", callback }] })).messages[0]!;
  /** As a `Request`, and as Node's servers have it: both tell the same. */
  const parse = async ({ headers, body: text, path }: Received) => {
    const fields = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const request = new Request(hooks.url(path), { method: "POST", headers: fields, body: text });
    const webhook = await parseWebhook(request, { secrets });
    for (const secret of secrets) {
      expect(await parseWebhook({ headers, body: Buffer.from(text) }, { secrets: [secret] })).toEqual(webhook);
    }
    return webhook;
  };

  test("is a receipt", async () => {
    const { batchUuid, messageUuid } = await send("447700900123", hooks.url("/receipt"));
    const [received] = await hooks.waitFor("/receipt", 1);
    expect(await parse(received!)).toEqual({
      kind: "receipt",
      id: received!.headers["webhook-id"],
      payload: {
        destination: "+447700900123",
        delivered: true,
        batchuuid: batchUuid,
        messageuuid: messageUuid,
        receiptInfo: { code: "00", description: "Successful" },
      },
    });
  });

  test("is an inbound message, with the signature of its own", async () => {
    const { messageUuid } = await send("447700900911", hooks.url("/receipt"));
    const [received] = await hooks.waitFor("/inbound", 1);
    const { kind, payload } = await parse(received!);
    expect(kind).toBe("inbound");
    expect(payload).toMatchObject({ message: "Hello", from: 447700900911, to: number, message_uuid: messageUuid });
    await verifyInboundSignature(received!.headers, received!.body, { secrets });
    const older = verifyInboundSignature(received!.headers, received!.body, { secrets: secrets.slice(0, 1) });
    await expect(older).rejects.toMatchObject({ fault: "signature-mismatch" });
  });

  test("is an event", async () => {
    hooks.script("/gone", 500);
    await send("447700900123", hooks.url("/gone"));
    const received = await until("the event", () => hooks.received("/events")[0]);
    const webhook = await parse(received);
    expect(webhook).toMatchObject({
      kind: "event",
      payload: { type: "webhook.exhausted", data: { account_uuid: identifier, count: 1 } },
    });
  });
});
