import { expect, test } from "vitest";
import { newSecretKey, secretText } from "../../message/webhook-secret.ts";
import { signatureHeaders } from "../../notify/sign.ts";
import { type Headers, signatureFault } from "./verify.ts";

const body = '{"delivered":true}';
const now = Date.parse("2030-01-31T09:30:00Z");
const [own, other, third] = [1, 2, 3].map(() => secretText(newSecretKey())) as [string, string, string];

function signed(secrets: string[], at = now, text = body): Headers {
  return { ...signatureHeaders({ id: "w1", timestampSeconds: Math.floor(at / 1_000), body: text, secrets }) };
}

test.each<[string, Headers, string | null]>([
  ["by the secret", signed([own]), null],
  ["by two, one of them the secret", signed([third, own]), null],
  ["by the other of ours", signed([other]), null],
  ["five minutes ago", signed([own], now - 300_000), null],
  ["by nobody", signed([]), "it is not signed"],
  ["by another's", signed([third]), "no signature of it is by this secret"],
  ["for another body", signed([own], now, "{}"), "no signature of it is by this secret"],
  ["six minutes ago", signed([own], now - 360_000), "its webhook-timestamp is too far from now"],
  ["in six minutes", signed([own], now + 360_000), "its webhook-timestamp is too far from now"],
  ["at no time", { ...signed([own]), "webhook-timestamp": "soon" }, "its webhook-timestamp is not a number"],
  ["for no id", { ...signed([own]), "webhook-id": undefined }, "there is no webhook-id"],
  ["with nonsense", { ...signed([own]), "webhook-signature": "v1," }, "no signature of it is by this secret"],
])("of a webhook that was signed %s", (_, headers, fault) => {
  expect(signatureFault(headers, body, [own, other], now)).toBe(fault);
});
