import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { newSecretKey, secretText } from "../../message/webhook-secret.ts";
import { inboundSignature } from "../sign.ts";
import { webhookHeaders } from "./headers.ts";

const body = '{"message":"hello"}';
const keys = [newSecretKey(), newSecretKey()];
const now = Date.now();
const signing = { keys, now, environment: "staging" };

test("without secrets there is the id, whatever the webhook tells", () => {
  for (const kind of ["receipt", "inbound", "event"] as const) {
    expect(webhookHeaders({ id: "w", kind }, body, { ...signing, keys: [] })).toEqual({
      "content-type": "application/json",
      "webhook-id": "w",
    });
  }
});

test.each(["receipt", "event"] as const)("with secrets %s has the standard's headers", (kind) => {
  const headers = webhookHeaders({ id: "w", kind }, body, signing);
  expect(Object.keys(headers)).toEqual(["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"]);
  for (const key of keys) expect(new Webhook(secretText(key)).verify(body, headers)).toEqual({ message: "hello" });
});

test("with secrets an inbound message has the hosted service's too, under the newest", () => {
  const headers = webhookHeaders({ id: "w", kind: "inbound" }, body, signing);
  const timestampSeconds = Math.floor(now / 1_000);
  expect(headers).toMatchObject({
    timestamp: String(timestampSeconds),
    environment: "staging",
    signature: inboundSignature({
      secretText: secretText(keys[0]!),
      timestampSeconds,
      environment: "staging",
      rawBody: body,
    }),
  });
  expect(new Webhook(secretText(keys[1]!)).verify(body, headers)).toBeTruthy();
});
