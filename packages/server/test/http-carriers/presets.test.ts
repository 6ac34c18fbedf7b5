import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Asked, Provider, type Reply } from "./provider.ts";
import { finalOf, httpRig, post, type Sent, send } from "./rig.ts";

const { privateKey, publicKey: key } = generateKeyPairSync("ed25519");
const publicKey = key.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
const secret = "Zx81vQ2m-7TpLw04nRk";
const RECEIPTS = "https://sms.example.com/carriers";
const digits = (text: unknown) => String(text ?? "").replace("+", "");
const first = (value: unknown) => (Array.isArray(value) ? value[0] : value) as Record<string, unknown>;

type Failure = [state: string, error: string | null, final: string];

/** How one provider's API behaves, and what of it is to be seen. */
interface Played {
  preset: string;
  /** The numbers that go there. */
  prefix: string;
  credentials: (origin: string) => Record<string, string>;
  /** In place of the provider's own address. */
  url?: (origin: string) => string;
  to(asked: Asked): unknown;
  reply(id: string): Reply;
  /** What a request has, for a text beyond the GSM alphabet. */
  expected(sent: Sent, text: string): object;
  /** A receipt as it posts it, with the state of a failure and its error, and what they make of the message. */
  receipt(id: string, state: string, error: string | null): [body: unknown, headers?: Record<string, string>];
  delivered: string;
  failed: Failure;
  others?: Failure[];
  answer?: string;
}

const form = (fields: Record<string, string | null>) =>
  new URLSearchParams(Object.entries(fields).filter((field): field is [string, string] => field[1] !== null));

function hmac(hash: string, token: string, text: string): string {
  return createHmac(hash, token).update(text).digest("base64");
}

function sortedText(fields: URLSearchParams): string {
  return [...fields]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat()
    .join("");
}

const PLAYED: Played[] = [
  {
    preset: "twilio",
    prefix: "441",
    credentials: () => ({ accountSid: "AC1", authToken: "tw" }),
    url: (origin) =>
      `${origin.replace("//", "//{credentials.accountSid}:{credentials.authToken}@")}/Accounts/Messages.json`,
    to: ({ form }) => form.get("To"),
    reply: (id) => ({ status: 201, body: { sid: id, status: "queued" } }),
    expected: (sent, text) => ({
      headers: { authorization: `Basic ${Buffer.from("AC1:tw").toString("base64")}` },
      fields: {
        To: `+${sent.to}`,
        From: "MyShop",
        Body: text,
        StatusCallback: `${RECEIPTS}/twilio/receipts`,
        ValidityPeriod: "36000",
      },
    }),
    receipt: (id, state, error) => {
      const body = form({ MessageSid: id, MessageStatus: state, ErrorCode: error });
      return [body, { "x-twilio-signature": hmac("sha1", "tw", `${RECEIPTS}/twilio/receipts${sortedText(body)}`) }];
    },
    delivered: "delivered",
    failed: ["undelivered", "30005", "failed 4A"],
  },
  {
    preset: "vonage",
    prefix: "442",
    credentials: () => ({ apiKey: "k", apiSecret: "s" }),
    url: (origin) => `${origin}/sms/json`,
    to: ({ form }) => form.get("to"),
    reply: (id) => ({ body: { "message-count": "1", messages: [{ status: "0", "message-id": id }] } }),
    expected: (sent, text) => ({
      fields: { api_key: "k", api_secret: "s", to: sent.to, from: "MyShop", text, type: "unicode", ttl: "172800000" },
    }),
    receipt: (id, state, error) => [{ messageId: id, status: state, "err-code": error ?? "0" }],
    delivered: "delivered",
    failed: ["failed", "2", "failed 22"],
  },
  {
    preset: "infobip",
    prefix: "443",
    credentials: (origin) => ({ origin, apiKey: "ib" }),
    to: ({ json }) => first(first(json?.messages)?.destinations)?.to,
    reply: (id) => ({
      body: { messages: [{ messageId: id, status: { groupName: "PENDING", name: "PENDING_ACCEPTED" } }] },
    }),
    expected: (sent, text) => ({
      path: "/sms/3/messages",
      headers: { authorization: "App ib" },
      json: {
        messages: [
          {
            sender: "MyShop",
            destinations: [{ to: sent.to, messageId: sent.messageUuid }],
            content: { text },
            options: { validityPeriod: { amount: 172_800, timeUnit: "SECONDS" } },
          },
        ],
      },
    }),
    receipt: (id, state, error) => [{ results: [{ messageId: id, status: { name: state }, error: { name: error } }] }],
    delivered: "DELIVERED_TO_HANDSET",
    failed: ["UNDELIVERABLE_NOT_DELIVERED", "EC_ABSENT_SUBSCRIBER", "failed 22"],
  },
  {
    preset: "sinch",
    prefix: "444",
    credentials: () => ({ region: "eu", servicePlanId: "plan", apiToken: "st" }),
    url: (origin) => `${origin}/xms/v1/{credentials.servicePlanId}/batches`,
    to: ({ json }) => first(json?.to),
    reply: (id) => ({ status: 201, body: { id } }),
    expected: (sent, text) => ({
      path: "/xms/v1/plan/batches",
      headers: { authorization: "Bearer st" },
      json: { to: [sent.to], from: "MyShop", body: text, delivery_report: "per_recipient" },
    }),
    receipt: (id, status, error) => {
      return [{ type: "recipient_delivery_report_sms", batch_id: id, status, code: Number(error) }];
    },
    delivered: "Delivered",
    failed: ["Failed", "150", "failed 4A"],
    others: [
      ["Expired", null, "failed 46"],
      ["Aborted", "406", "failed 46"],
      ["Aborted", "408", "failed 56"],
      ["Aborted", "413", "failed 39"],
    ],
  },
  {
    preset: "telnyx",
    prefix: "445",
    credentials: () => ({ apiKey: "KEY", publicKey }),
    url: (origin) => `${origin}/v2/messages`,
    to: ({ json }) => json?.to,
    reply: (id) => ({ body: { data: { id } } }),
    expected: (sent, text) => ({
      headers: { authorization: "Bearer KEY" },
      json: { to: `+${sent.to}`, from: "MyShop", text },
    }),
    receipt: (id, status, error) => {
      const errors = error === null ? [] : [{ code: error, title: "x" }];
      const body = JSON.stringify({
        data: { event_type: "message.finalized", payload: { id, to: [{ status }], errors } },
      });
      const at = String(Math.floor(Date.now() / 1_000));
      const signature = sign(null, Buffer.from(`${at}|${body}`), privateKey).toString("base64");
      return [body, { "telnyx-timestamp": at, "telnyx-signature-ed25519": signature }];
    },
    delivered: "delivered",
    failed: ["delivery_failed", "40300", "failed 58"],
    others: [["sending_failed", null, "failed 31"]],
  },
  {
    preset: "plivo",
    prefix: "446",
    credentials: () => ({ authId: "MA1", authToken: "pl" }),
    url: (origin) =>
      `${origin.replace("//", "//{credentials.authId}:{credentials.authToken}@")}/v1/Account/MA1/Message/`,
    to: ({ json }) => json?.dst,
    reply: (id) => ({ status: 202, body: { message_uuid: [id], api_id: "x" } }),
    expected: (sent, text) => ({
      json: { src: "MyShop", dst: sent.to, text, url: `${RECEIPTS}/plivo/receipts`, method: "POST" },
    }),
    receipt: (id, state, error) => {
      const body = form({ MessageUUID: id, Status: state, ErrorCode: error });
      const signed = `${RECEIPTS}/plivo/receipts?${sortedText(body)}.n1`;
      return [body, { "x-plivo-signature-v3": hmac("sha256", "pl", signed), "x-plivo-signature-v3-nonce": "n1" }];
    },
    delivered: "delivered",
    failed: ["undelivered", "50", "failed 43"],
    others: [["failed", "80", "failed 22"]],
  },
  {
    preset: "kannel",
    prefix: "447",
    credentials: (origin) => ({ origin, username: "tester", password: "p&w" }),
    to: ({ query }) => query.get("to"),
    reply: () => ({ status: 202, body: "0: Accepted for delivery" }),
    expected: (sent, text) => ({
      method: "GET",
      queried: {
        username: "tester",
        password: "p&w",
        from: "MyShop",
        to: sent.to,
        text,
        charset: "UTF-8",
        coding: "2",
        validity: "2880",
        "dlr-mask": "19",
        "dlr-url": `${RECEIPTS}/kannel/receipts/${secret}?id=${sent.messageUuid}&state=%d`,
      },
    }),
    receipt: (id, state) => [form({ id, state })],
    delivered: "1",
    failed: ["16", null, "failed 56"],
  },
  {
    preset: "jasmin",
    prefix: "448",
    credentials: (origin) => ({ origin, username: "foo", password: "bar" }),
    to: ({ form }) => form.get("to"),
    reply: (id) => ({ body: `Success "${id}"` }),
    expected: (sent, text) => ({
      path: "/send",
      fields: {
        to: sent.to,
        coding: "8",
        "hex-content": Buffer.from(text, "utf16le").swap16().toString("hex"),
        dlr: "yes",
      },
    }),
    receipt: (id, state) => [form({ id, message_status: state, level: "2", err: "001" })],
    delivered: "DELIVRD",
    failed: ["UNDELIV", null, "failed 31"],
    answer: "ACK/Jasmin",
  },
];

const playedFor = (to: string) => PLAYED.find(({ prefix }) => to.startsWith(prefix))!;
const handsetOf = (asked: Asked) => PLAYED.map(({ to }) => digits(to(asked))).find((to) => /^44\d{10}$/.test(to)) ?? "";
const provider = new Provider(handsetOf, (asked, count) => playedFor(handsetOf(asked)).reply(`id-${count}`));
const signs = new Set(["twilio", "telnyx", "plivo"]);
const rig = await httpRig(
  provider,
  ({ url: origin }) =>
    PLAYED.map(({ preset, credentials, url }) => ({
      id: preset,
      type: "http",
      preset,
      credentials: credentials(origin),
      ...(url === undefined ? {} : { submit: { url: url(origin) } }),
      ...(signs.has(preset) ? {} : { auth: { secret } }),
    })),
  {
    server: { publicUrl: "https://sms.example.com", port: 0 },
    routes: PLAYED.map(({ preset, prefix }) => ({ to: prefix, carriers: [preset] })),
  },
);
let next = 100_000_000;

describe.each(PLAYED)("the preset $preset", (played) => {
  const { preset, prefix } = played;
  const path = `/carriers/${preset}/receipts${signs.has(preset) ? "" : `/${secret}`}`;
  const submit = async (body: string) => {
    const sent = await send(rig, `${prefix}${++next}`, { body });
    const [asked] = await provider.waitFor(sent.to);
    const id = preset === "kannel" ? sent.messageUuid : `id-${provider.asked.indexOf(asked!) + 1}`;
    return { sent, asked: asked!, id };
  };

  test("sends as its API has it, and reads its receipts", async () => {
    const { sent, asked, id } = await submit("Grüße 👋 & more");
    const seen = { ...asked, fields: Object.fromEntries(asked.form), queried: Object.fromEntries(asked.query) };
    expect(seen).toMatchObject(played.expected(sent, "Grüße 👋 & more"));
    const [body, headers = {}] = played.receipt(id, played.delivered, null);
    const answer = await fetch(new URL(path, rig.program.url), {
      method: "POST",
      headers,
      body: typeof body === "string" || body instanceof URLSearchParams ? body : JSON.stringify(body),
    });
    expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 200, text: played.answer ?? "" });
    expect(await finalOf(rig, sent)).toBe("delivered 00");
  });

  test("knows its failures", async () => {
    for (const [state, error, final] of [played.failed, ...(played.others ?? [])]) {
      const { sent, id } = await submit("Hello");
      expect(await post(rig.program, path, ...played.receipt(id, state, error))).toBe(200);
      expect(await finalOf(rig, sent)).toBe(final);
    }
  });

  test("takes nothing from anybody else", async () => {
    const { id } = await submit("Hello");
    const [body] = played.receipt(id, played.delivered, null);
    const expected = signs.has(preset) ? 403 : 404;
    expect(await post(rig.program, `/carriers/${preset}/receipts`, body)).toBe(expected);
  });
});
