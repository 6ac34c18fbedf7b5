import { field, type WebhookHeaders } from "./headers.ts";

export interface VerifyOptions {
  /** The account's live secrets, `whsec_…`; one of them must have signed it. */
  secrets: readonly string[];
  /** Most seconds between its timestamp and now; default 300, as in the Standard Webhooks libraries. */
  toleranceSeconds?: number;
  /** Epoch milliseconds; default: the runtime's clock. */
  now?: number;
}

/**
 * The request is not as the server signed it, or too old, or was parsed before. Answer 400, and do nothing else. The message
 * says which.
 */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

/**
 * Verifies the signature of Standard Webhooks 1.0.
 * @param body as it came, before anything parses it
 * @throws WebhookError if it is wrong
 */
export async function verifyWebhook(
  headers: WebhookHeaders,
  body: string | Uint8Array,
  options: VerifyOptions,
): Promise<void> {
  const id = field(headers, "webhook-id");
  const timestamp = field(headers, "webhook-timestamp");
  const signatures = field(headers, "webhook-signature");
  if (id === null) throw new WebhookError("the header webhook-id is missing or repeated");
  if (timestamp === null || signatures === null) throw new WebhookError("the webhook is not signed");
  checkTimestamp("webhook-timestamp", timestamp, options);
  const signed = concatenated(`${id}.${timestamp}.`, unparsed(body));
  const codes = await Promise.all(options.secrets.map(async (secret) => hmac(keyOf(secret), signed)));
  const expected = codes.map((code) => `v1,${btoa(String.fromCharCode(...code))}`);
  const given = signatures.split(" ");
  if (!expected.some((one) => given.some((other) => isSame(one, other)))) {
    throw new WebhookError("no signature matches the secret");
  }
}

/**
 * Verifies the header `signature` that inbound messages have beside the standard's: HMAC-SHA256, hexadecimal, of
 * `{timestamp}.{environment}.{body}` with the text of the newest secret as the key.
 * @throws WebhookError if it is wrong
 */
export async function verifyInboundSignature(
  headers: WebhookHeaders,
  body: string | Uint8Array,
  options: VerifyOptions,
): Promise<void> {
  const signature = field(headers, "signature");
  const timestamp = field(headers, "timestamp");
  const environment = field(headers, "environment");
  if (signature === null || timestamp === null || environment === null)
    throw new WebhookError("the webhook is not signed");
  checkTimestamp("timestamp", timestamp, options);
  const signed = concatenated(`${timestamp}.${environment}.`, unparsed(body));
  const codes = await Promise.all(options.secrets.map((secret) => hmac(new TextEncoder().encode(secret), signed)));
  const expected = codes.map((code) => [...code].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  if (!expected.some((one) => isSame(one, signature)))
    throw new WebhookError("the signature does not match the secret");
}

function checkTimestamp(name: string, text: string, { toleranceSeconds = 300, now = Date.now() }: VerifyOptions): void {
  if (!/^\d{1,15}$/.test(text)) throw new WebhookError(`the header ${name} is not a number`);
  if (Math.abs(now / 1_000 - Number(text)) > toleranceSeconds)
    throw new WebhookError(`the header ${name} is too far from now`);
}

const NO_SECRET = "a secret is whsec_ and base64";

/** @throws TypeError if the text is no secret */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (character) => character.charCodeAt(0));
  } catch {
    throw new TypeError(NO_SECRET);
  }
}

async function hmac(key: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  // Not every runtime refuses an empty key, and with a forgotten secret every forged signature would hold.
  if (key.length === 0) throw new TypeError(NO_SECRET);
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

const PARSED =
  'the body was parsed or read before: verify it as it came, text or bytes (in Express by express.raw({ type: "*/*" }) on this path, in Fastify by a content type parser with parseAs: "buffer")';

/**
 * The body as it came.
 * @throws WebhookError if a framework has parsed it: that says nothing of the bytes that were signed
 */
export function unparsed(body: unknown): string | Uint8Array {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  throw new WebhookError(PARSED);
}

function concatenated(text: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const [head, tail] = [encoder.encode(text), typeof body === "string" ? encoder.encode(body) : body];
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

/** Compares in a time that does not reveal where they differ. */
function isSame(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}
