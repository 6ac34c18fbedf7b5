import type { WebhookFault } from "@messaging-plus/sdk";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { newSecretKey, secretText } from "../../server/src/message/webhook-secret.ts";

/** Webhooks that are signed rightly and wrongly, for the clients of every language. */
export const [own, other, third] = [1, 2, 3].map(() => secretText(newSecretKey())) as [string, string, string];
const id = "01900000-0000-7000-8000-000000000001";
export const now = Date.parse("2030-01-31T09:30:00Z");
export const body = '{"message":"Grüße ✓"}';

/** As the published library signs. */
export function signed(secrets: string[], { at = now, text = body } = {}): Record<string, string> {
  const signatures = secrets.map((secret) => new StandardWebhook(secret).sign(id, new Date(at), text));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(at / 1_000),
    "webhook-signature": signatures.join(" "),
  };
}

export interface Vector {
  name: string;
  headers: Record<string, string | string[] | undefined>;
  /** Null where it is right. */
  fault: WebhookFault | null;
}

const right = signed([own]);
const signature = right["webhook-signature"] as string;

/** To be verified with the secrets `own` and `other` at `now`, over `body`. */
export const VECTORS: Vector[] = [
  { name: "by the secret", headers: right, fault: null },
  { name: "by the other of ours", headers: signed([other]), fault: null },
  { name: "by two, one of them the secret", headers: signed([third, own]), fault: null },
  { name: "in a version to come too", headers: { ...right, "webhook-signature": `v9,x ${signature}` }, fault: null },
  { name: "five minutes ago", headers: signed([own], { at: now - 300_000 }), fault: null },
  { name: "in five minutes", headers: signed([own], { at: now + 300_000 }), fault: null },
  { name: "by nobody", headers: { "webhook-id": id }, fault: "header-missing" },
  { name: "for no id", headers: { ...right, "webhook-id": undefined }, fault: "header-missing" },
  { name: "for two ids", headers: { ...right, "webhook-id": [id, id] }, fault: "header-missing" },
  { name: "at no time", headers: { ...right, "webhook-timestamp": undefined }, fault: "header-missing" },
  { name: "by another's", headers: signed([third]), fault: "signature-mismatch" },
  { name: "for another body", headers: signed([own], { text: "{}" }), fault: "signature-mismatch" },
  { name: "for another id", headers: { ...right, "webhook-id": "x" }, fault: "signature-mismatch" },
  {
    name: "at another time",
    headers: { ...right, "webhook-timestamp": String(now / 1_000 - 1) },
    fault: "signature-mismatch",
  },
  { name: "six minutes ago", headers: signed([own], { at: now - 360_000 }), fault: "timestamp-too-far" },
  { name: "in six minutes", headers: signed([own], { at: now + 360_000 }), fault: "timestamp-too-far" },
  { name: "soon", headers: { ...right, "webhook-timestamp": "soon" }, fault: "header-malformed" },
  { name: "with nothing", headers: { ...right, "webhook-signature": "" }, fault: "header-malformed" },
  { name: "with nonsense", headers: { ...right, "webhook-signature": "v1, v1 v1,%%" }, fault: "header-malformed" },
  {
    name: "with a part of it",
    headers: { ...right, "webhook-signature": signature.slice(0, -1) },
    fault: "header-malformed",
  },
  {
    name: "in another version",
    headers: { ...right, "webhook-signature": signature.replace("v1", "v2") },
    fault: "header-malformed",
  },
];
