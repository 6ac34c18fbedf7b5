import { parseWebhook, verifyInboundSignature, verifyWebhook, type WebhookHeaders } from "@messaging-plus/sdk";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { afterAll, describe, expect, test } from "vitest";
import { newSecretKey, secretText } from "../../server/src/message/webhook-secret.ts";
import { page, rowsOf } from "../../server/test/docs/page.ts";
import { type Received, receiver } from "../../server/test/support/receiver.ts";
import { until } from "../../server/test/support/until.ts";
import { startWithClients } from "./clients.ts";

const [own, other, third] = [1, 2, 3].map(() => secretText(newSecretKey())) as [string, string, string];
const id = "01900000-0000-7000-8000-000000000001";
const now = Date.parse("2030-01-31T09:30:00Z");
const body = '{"message":"Grüße ✓"}';

/** As the published library signs. */
function signed(secrets: string[], { at = now, text = body } = {}): Record<string, string> {
  const signatures = secrets.map((secret) => new StandardWebhook(secret).sign(id, new Date(at), text));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(at / 1_000),
    "webhook-signature": signatures.join(" "),
  };
}

async function faultOf(headers: WebhookHeaders, text: string | Uint8Array = body): Promise<string | null> {
  return verifyWebhook(headers, text, { secrets: [own, other], now }).then(
    () => null,
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

const ANOTHER = "WebhookError: no signature matches the secret";
const FAR = "WebhookError: the header webhook-timestamp is too far from now";

describe("a webhook", () => {
  test.each<[string, WebhookHeaders, string | null]>([
    ["by the secret", signed([own]), null],
    ["by the other of ours", signed([other]), null],
    ["by two, one of them the secret", signed([third, own]), null],
    ["five minutes ago", signed([own], { at: now - 300_000 }), null],
    ["in five minutes", signed([own], { at: now + 300_000 }), null],
    ["by nobody", { "webhook-id": id }, "WebhookError: the webhook is not signed"],
    ["by another's", signed([third]), ANOTHER],
    ["for another body", signed([own], { text: "{}" }), ANOTHER],
    ["for another id", { ...signed([own]), "webhook-id": "x" }, ANOTHER],
    ["at another time", { ...signed([own]), "webhook-timestamp": String(now / 1_000 - 1) }, ANOTHER],
    ["six minutes ago", signed([own], { at: now - 360_000 }), FAR],
    ["in six minutes", signed([own], { at: now + 360_000 }), FAR],
    [
      "soon",
      { ...signed([own]), "webhook-timestamp": "soon" },
      "WebhookError: the header webhook-timestamp is not a number",
    ],
    [
      "for no id",
      { ...signed([own]), "webhook-id": undefined },
      "WebhookError: the header webhook-id is missing or repeated",
    ],
    [
      "for two ids",
      { ...signed([own]), "webhook-id": [id, id] },
      "WebhookError: the header webhook-id is missing or repeated",
    ],
    ["with nothing", { ...signed([own]), "webhook-signature": "" }, ANOTHER],
    ["with nonsense", { ...signed([own]), "webhook-signature": "v1, v1 v1,%%" }, ANOTHER],
    [
      "in another version",
      { ...signed([own]), "webhook-signature": signed([own])["webhook-signature"]!.replace("v1", "v2") },
      ANOTHER,
    ],
  ])("that was signed %s", async (_name, headers, fault) => {
    expect(await faultOf(headers)).toBe(fault);
    expect(await faultOf(headers, new TextEncoder().encode(body))).toBe(fault);
  });

  test.each<[string, unknown]>([
    ["an object, as express.json() leaves it", JSON.parse(body)],
    ["an empty object", {}],
    ["nothing", undefined],
    ["null", null],
    ["an array of its octets", [...new TextEncoder().encode(body)]],
  ])("whose body is %s is refused with what to do", async (_what, parsed) => {
    const unfit = parsed as string;
    const refusal = expect.objectContaining({ name: "WebhookError", message: expect.stringContaining("express.raw") });
    const options = { secrets: [own], now };
    await expect(verifyWebhook(signed([own]), unfit, options)).rejects.toEqual(refusal);
    await expect(parseWebhook({ headers: signed([own]), body: unfit }, options)).rejects.toEqual(refusal);
    const inbound = { signature: "x", timestamp: String(now / 1_000), environment: "production" };
    await expect(verifyInboundSignature(inbound, unfit, options)).rejects.toEqual(refusal);
  });

  test("whose Request was read before is refused with what to do", async () => {
    const request = new Request("http://127.0.0.1/", { method: "POST", headers: signed([own]), body });
    await request.text();
    await expect(parseWebhook(request, { secrets: [own], now })).rejects.toMatchObject({ name: "WebhookError" });
  });

  test("is judged alike whatever holds its header fields, and however their names are written", async () => {
    const headers = signed([own]);
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    for (const form of [headers, new Headers(headers), upper]) expect(await faultOf(form)).toBeNull();
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

  test("is never by a secret that is none", async () => {
    for (const secret of ["", "whsec_", "whsec_%"]) {
      await expect(verifyWebhook(signed([own]), body, { secrets: [secret], now })).rejects.toThrow(TypeError);
    }
    const headers = { signature: "0".repeat(64), timestamp: String(now / 1_000), environment: "production" };
    await expect(verifyInboundSignature(headers, body, { secrets: [""], now })).rejects.toThrow(TypeError);
    await expect(verifyWebhook(signed([own]), body, { secrets: [], now })).rejects.toThrow("no signature");
  });

  test("tells nothing but what is known here", async () => {
    const options = { secrets: [own], now };
    for (const text of ["{}", '{"type":"endpoint.moved","data":{}}', "[]"]) {
      const request = { headers: signed([own], { text }), body: text };
      await expect(parseWebhook(request, options)).rejects.toThrow(
        "the webhook is of a kind that this version does not know",
      );
    }
    const text = "not JSON";
    await expect(parseWebhook({ headers: signed([own], { text }), body: text }, options)).rejects.toThrow("JSON");
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
  const expectFault = (changed: object, message: string, more = {}) =>
    expect(verifyInboundSignature({ ...headers, ...changed }, inbound, { ...options, ...more })).rejects.toThrow(
      message,
    );
  await expectFault({ environment: "staging" }, "the signature does not match the secret");
  await expectFault({ signature: signature.replace(/.$/, "") }, "the signature does not match the secret");
  await expectFault({ signature: undefined }, "not signed");
  await expectFault({}, "too far from now", { now: options.now + 301_000 });
  await expectFault({}, "the signature does not match the secret", { secrets: [own] });
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
    await expect(older).rejects.toThrow("the signature does not match the secret");
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
