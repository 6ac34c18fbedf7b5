import { createHmac, randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, test } from "vitest";
import { secretKey } from "../message/webhook-secret.ts";
import { inboundSignature, signatureHeaders } from "./sign.ts";

const body =
  '{"destination":"+441111111111","delivered":true,"receiptInfo":{"code":"00","description":"Zugestellt ✓"}}';
const newSecret = (): string => `whsec_${randomBytes(24).toString("base64")}`;
const nowSeconds = (): number => Math.floor(Date.now() / 1_000);

describe("Standard Webhooks headers", () => {
  test("agree with the example of the specification's reference library", () => {
    // The vector in the tests of the standard-webhooks libraries.
    const headers = signatureHeaders({
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestampSeconds: 1614265330,
      body: '{"test": 2432232314}',
      secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    });
    expect(headers).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test.each([
    ["standardwebhooks", Webhook],
    ["svix", SvixWebhook],
  ])("are accepted by the published verifier %s under every live secret", (_, Verifier) => {
    const secrets = [newSecret(), newSecret()];
    const headers = { ...signatureHeaders({ id: "w1", timestampSeconds: nowSeconds(), body, secrets }) };
    for (const secret of secrets) expect(new Verifier(secret).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Verifier(newSecret()).verify(body, headers)).toThrow("No matching signature");
    expect(() => new Verifier(secrets[0]!).verify(`${body} `, headers)).toThrow("No matching signature");
  });

  test("are the same for a secret's text and its key, for a body as text and as bytes", () => {
    const secret = newSecret();
    const signed = { id: "w1", timestampSeconds: 1, body, secrets: [secret] };
    const bytes = { ...signed, body: Buffer.from(body), secrets: [secretKey(secret)] };
    expect(signatureHeaders(bytes)).toEqual(signatureHeaders(signed));
  });

  test("are the id alone for an account without secrets", () => {
    expect(signatureHeaders({ id: "w1", timestampSeconds: 1, body, secrets: [] })).toEqual({ "webhook-id": "w1" });
  });
});

test("an inbound message is signed under the secret's text, environment and all", () => {
  const secretText = "whsec_c2VjcmV0";
  const signature = inboundSignature({
    secretText,
    timestampSeconds: 1700000000,
    environment: "production",
    rawBody: body,
  });
  expect(signature).toBe(
    createHmac("sha256", secretText).update(`1700000000.production.${body}`, "utf8").digest("hex"),
  );
  // Made with: printf '1700000000.production.{}' | openssl dgst -sha256 -hmac whsec_c2VjcmV0
  expect(inboundSignature({ secretText, timestampSeconds: 1700000000, environment: "production", rawBody: "{}" })).toBe(
    "b307060402ab77ec7e33a2eaea91510cc24a69041698f70167dd1865c746e531",
  );
});
