import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Type, { type TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { afterAll, expect, test } from "vitest";
import { loadConfig } from "../../config/config.ts";
import { PRESETS, type PresetName } from "../../config/http-presets/index.ts";
import { countParts } from "../../message/segment.ts";
import type { WaitingMessage } from "../../store/messages/waiting-message.ts";
import { submitRequest } from "./submit.ts";

const strict = { additionalProperties: false };
const text = Type.String({ minLength: 1 });
const digits = Type.String({ pattern: "^[0-9]{7,15}$" });
const plus = Type.String({ pattern: "^[+][1-9][0-9]{6,14}$" });
const url = Type.String({ pattern: "^https://" });
/** Of a form, where a number is text. */
const number = (pattern: string) => Type.String({ pattern });

/** The bodies of submits as the providers publish them, in our words and as far as these presets use them. */
const DOCUMENTED: Partial<Record<PresetName, TSchema>> = {
  // Twilio's OpenAPI document, as the npm package twilio 6.3.1 has it (MessageListInstanceCreateOptions), and its error
  // 90007; read on 2026-11-30.
  twilio: Type.Object(
    {
      ...{ To: plus, From: text, Body: text, StatusCallback: url },
      // Seconds, up to 36,000.
      ValidityPeriod: number("^([1-9][0-9]{0,3}|[12][0-9]{4}|3[0-5][0-9]{3}|36000)$"),
    },
    strict,
  ),
  // definitions/sms.yml 1.0.6 of https://github.com/Nexmo/api-specification (NewMessage); read on 2026-11-30.
  vonage: Type.Object(
    {
      api_key: Type.String({ minLength: 8, maxLength: 8 }),
      api_secret: Type.String({ minLength: 16, maxLength: 16 }),
      ...{ from: text, to: digits, text, type: Type.Enum(["text", "unicode"]), callback: url },
      // Milliseconds, from 20,000 to 604,800,000.
      ttl: number("^[2-9][0-9]{4}$|^[1-9][0-9]{5,7}$|^[1-5][0-9]{8}$|^60[0-4][0-9]{6}$"),
      "client-ref": Type.String({ maxLength: 40 }),
    },
    strict,
  ),
  // SmsMessage, SmsMessageOptions, ValidityPeriod and SmsWebhooks of https://github.com/infobip/infobip-api-java-client,
  // which is made from Infobip's OpenAPI document; read on 2026-11-30.
  infobip: Type.Object(
    {
      messages: Type.Array(
        Type.Object(
          {
            sender: text,
            destinations: Type.Array(Type.Object({ to: digits, messageId: text }, strict), { minItems: 1 }),
            content: Type.Object({ text }, strict),
            options: Type.Object(
              {
                validityPeriod: Type.Object(
                  { amount: Type.Integer({ minimum: 1, maximum: 172_800 }), timeUnit: Type.Literal("SECONDS") },
                  strict,
                ),
              },
              strict,
            ),
            webhooks: Type.Object({ delivery: Type.Object({ url }, strict), contentType: text }, strict),
          },
          strict,
        ),
        { minItems: 1 },
      ),
    },
    strict,
  ),
  // Telnyx's OpenAPI document, as the npm package telnyx 7.24.0 has it (MessageSendParams); read on 2026-11-30.
  telnyx: Type.Object({ to: plus, from: text, text, webhook_url: url }, strict),
};

const folder = mkdtempSync(join(tmpdir(), "mplus-documented-"));
afterAll(() => rmSync(folder, { recursive: true }));
const NOW = Date.UTC(2026, 10, 30);
const credentials = {
  ...{ accountSid: "AC1", authToken: "t", apiKey: "abcd1234", apiSecret: "0123456789abcdef" },
  origin: "https://api.example.com",
};

function message(body: string, sender: string, seconds: number): WaitingMessage {
  const fixed = { id: "01a22b9b-aea4-7353-8f1f-1139bcf00001", accountId: 1, destination: "447700900123" };
  return { ...fixed, sender, body, parts: countParts(body), expiresAt: NOW + seconds * 1_000 };
}

test.each(Object.entries(DOCUMENTED))("a submit by the preset %s is as the provider documents it", (preset, schema) => {
  const known = [...PRESETS[preset as PresetName].credentials];
  const carrier = {
    ...{ id: preset, type: "http", preset, auth: { secret: "a-secret-of-this-test" } },
    credentials: Object.fromEntries(known.map((name) => [name, credentials[name as keyof typeof credentials]])),
  };
  const file = join(folder, `${preset}.json`);
  writeFileSync(file, JSON.stringify({ carriers: [carrier] }));
  const [config] = loadConfig({ file, env: {}, cwd: folder }).carriers;
  if (config?.type !== "http") throw new Error("it is no HTTP carrier");
  const check = Compile(schema);
  for (const sender of ["MyShop", "447700900999", "12345"]) {
    for (const body of ["Hello & more", "Привет 👋", "x".repeat(1_000)]) {
      for (const seconds of [0, 5, 90, 172_800, 604_800]) {
        const request = submitRequest(message(body, sender, seconds), config, "https://sms.example.com/r", NOW);
        const form = request.headers["content-type"] === "application/x-www-form-urlencoded";
        const sent = form
          ? Object.fromEntries(new URLSearchParams(request.body ?? ""))
          : JSON.parse(request.body ?? "");
        expect([...check.Errors(sent)], request.body ?? "").toEqual([]);
      }
    }
  }
});
