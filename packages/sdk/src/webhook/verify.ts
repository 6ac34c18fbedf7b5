import { field, type WebhookHeaders } from "./headers.ts";

export interface VerifyOptions {
  /** The account's live secrets, `whsec_…`; one of them must have signed it. */
  secrets: readonly string[];
  /** Most seconds between its timestamp and now; default 300, as in the Standard Webhooks libraries. */
  toleranceSeconds?: number;
  /** Epoch milliseconds; default: the runtime's clock. */
  now?: number;
}

/** The kinds of fault of a webhook, for `switch`. */
export type WebhookFault =
  /** It was parsed or read before it was verified. */
  | "body-parsed"
  /** Or it is there twice. */
  | "header-missing"
  | "header-malformed"
  | "timestamp-too-far"
  | "signature-mismatch"
  /** Signed as it should be, and yet none of the webhooks that this version knows. */
  | "content-unknown";

/** The webhook is refused: answer 400, and do nothing else. The message says what is wrong, and what to do about it. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
  readonly fault: WebhookFault;

  constructor(fault: WebhookFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** A signature of version 1: 32 octets in base64. */
const SIGNATURE = /^v1,[A-Za-z0-9+/]{43}=$/;

/**
 * Verifies the signature of Standard Webhooks 1.0.
 * @param body as it came, before anything parses it
 * @throws WebhookError if it is wrong; TypeError if `secrets` are none
 */
export async function verifyWebhook(
  headers: WebhookHeaders,
  body: string | Uint8Array,
  options: VerifyOptions,
): Promise<void> {
  const keys = secretsOf(options).map(keyOf);
  const octets = unparsed(body);
  const id = needed(headers, "webhook-id");
  const timestamp = needed(headers, "webhook-timestamp");
  const signatures = needed(headers, "webhook-signature");
  const given = signatures.split(" ").filter((one) => SIGNATURE.test(one));
  if (given.length === 0) {
    throw malformed("webhook-signature", 'has no signature of version 1, which is "v1," and base64');
  }
  checkTimestamp("webhook-timestamp", timestamp, options);
  const signed = concatenated(`${id}.${timestamp}.`, octets);
  const codes = await Promise.all(keys.map((key) => hmac(key, signed)));
  const expected = codes.map((code) => `v1,${btoa(String.fromCharCode(...code))}`);
  if (!expected.some((one) => given.some((other) => isSame(one, other)))) throw mismatch();
}

/**
 * Verifies the header `signature` that inbound messages have beside the standard's: HMAC-SHA256, hexadecimal, of
 * `{timestamp}.{environment}.{body}` with the text of the newest secret as the key.
 * @throws WebhookError if it is wrong; TypeError if `secrets` are none
 */
export async function verifyInboundSignature(
  headers: WebhookHeaders,
  body: string | Uint8Array,
  options: VerifyOptions,
): Promise<void> {
  const keys = secretsOf(options).map((secret) => new TextEncoder().encode(secret));
  const octets = unparsed(body);
  const signature = needed(headers, "signature");
  const timestamp = needed(headers, "timestamp");
  const environment = needed(headers, "environment");
  if (!/^[0-9a-f]{64}$/.test(signature)) throw malformed("signature", "is not 64 hexadecimal digits");
  checkTimestamp("timestamp", timestamp, options);
  const signed = concatenated(`${timestamp}.${environment}.`, octets);
  const codes = await Promise.all(keys.map((key) => hmac(key, signed)));
  const expected = codes.map((code) => [...code].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  if (!expected.some((one) => isSame(one, signature))) throw mismatch();
}

function needed(headers: WebhookHeaders, name: string): string {
  const value = field(headers, name);
  if (value !== null) return value;
  const unsigned = name === "webhook-id" ? "" : "; webhooks of an account without a secret are not signed";
  throw new WebhookError(
    "header-missing",
    `the header ${name} is missing or repeated: pass all header fields as they came${unsigned}`,
  );
}

function malformed(name: string, how: string): WebhookError {
  return new WebhookError(
    "header-malformed",
    `the header ${name} ${how}: something on the way changed it, or it is not from the server`,
  );
}

function mismatch(): WebhookError {
  return new WebhookError(
    "signature-mismatch",
    "no signature matches the secret: verify with the live secrets of this account, and the body octet for octet as it came",
  );
}

function checkTimestamp(name: string, text: string, { toleranceSeconds = 300, now = Date.now() }: VerifyOptions): void {
  if (!/^\d{1,15}$/.test(text)) throw malformed(name, "is not a number of seconds");
  const seconds = Math.round(now / 1_000 - Number(text));
  if (Math.abs(now / 1_000 - Number(text)) <= toleranceSeconds) return;
  throw new WebhookError(
    "timestamp-too-far",
    `the header ${name} is ${Math.abs(seconds)} seconds ${seconds > 0 ? "ago" : "ahead"}, too far from now: it is a copy of an old request, or this machine's clock is wrong`,
  );
}

const NO_SECRET = "a secret is whsec_ and base64, as POST /account/{uuid}/secret answered it";

/** @throws TypeError if there are none: then nothing could be verified, and that is no fault of the request */
function secretsOf({ secrets }: VerifyOptions): readonly string[] {
  if (!Array.isArray(secrets) || secrets.length === 0) throw new TypeError(`secrets is to be a list: ${NO_SECRET}`);
  return secrets.map((secret: unknown) => {
    // One that is not in the environment is undefined, whatever its type says.
    if (typeof secret !== "string" || secret === "") throw new TypeError(NO_SECRET);
    return secret;
  });
}

/** @throws TypeError if the text is no secret */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  try {
    const key = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (character) => character.charCodeAt(0));
    // Not every runtime refuses an empty key, and with a forgotten secret every forged signature would hold.
    if (key.length > 0) return key;
  } catch {
    // Said below.
  }
  throw new TypeError(NO_SECRET);
}

async function hmac(key: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

const PARSED =
  'the body was parsed or read before: verify it as it came, text or bytes (in Express by express.raw({ type: "*/*" }) on this path, in Fastify by a content type parser with parseAs: "buffer")';

/**
 * The body as it came.
 * @throws WebhookError if a framework has parsed it, which says nothing of the bytes that were signed, or has left nothing of it
 */
export function unparsed(body: unknown): string | Uint8Array {
  if ((typeof body === "string" || body instanceof Uint8Array) && body.length > 0) return body;
  throw new WebhookError("body-parsed", PARSED);
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
