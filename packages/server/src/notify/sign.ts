import { createHmac } from "node:crypto";
import { secretKey } from "../message/webhook-secret.ts";

export interface Signed {
  /** The same on every try of a webhook. */
  id: string;
  /** The time of this try, whole seconds since the epoch: receivers refuse a difference of more than 5 minutes. */
  timestampSeconds: number;
  /** The raw body. */
  body: string | Uint8Array;
  /** The account's live secrets (keys, or `whsec_…` texts); without any there is only the id. */
  secrets: readonly (Uint8Array | string)[];
}

export type SignatureHeaders =
  | { "webhook-id": string }
  | { "webhook-id": string; "webhook-timestamp": string; "webhook-signature": string };

/** Standard Webhooks 1.0 headers: one `v1,` signature per live secret, separated by spaces, so that secrets can rotate. */
export function signatureHeaders({ id, timestampSeconds, body, secrets }: Signed): SignatureHeaders {
  if (secrets.length === 0) return { "webhook-id": id };
  const signatures = secrets.map((secret) => {
    const key = typeof secret === "string" ? secretKey(secret) : secret;
    return `v1,${createHmac("sha256", key).update(`${id}.${timestampSeconds}.`).update(body).digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": signatures.join(" "),
  };
}

export interface SignedInbound {
  /** The newest secret's whole text, prefix included: the hosted service's clients use it as it is. */
  secretText: string;
  timestampSeconds: number;
  environment: string;
  rawBody: string | Uint8Array;
}

/** The `signature` header of an inbound message: HMAC-SHA256, hexadecimal, of `timestamp.environment.body`. */
export function inboundSignature({ secretText, timestampSeconds, environment, rawBody }: SignedInbound): string {
  return createHmac("sha256", secretText).update(`${timestampSeconds}.${environment}.`).update(rawBody).digest("hex");
}
