import { createHash, createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { HttpCarrierConfig } from "../config/carriers.ts";
import { Rejected } from "../runtime/errors.ts";

/** A provider's request, before it is read. */
export interface SignedRequest {
  method: string;
  /** Every URL by which the provider may have called it: behind a proxy the scheme and the port are unknown. */
  urls: readonly string[];
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Whether the body is JSON; else it is a form, or empty. */
  isJson: boolean;
  /** The parameters of its query and, of a JSON object or a form, those of its body; of JSON a value is of any type. */
  parameters(): [name: string, value: unknown][];
  /** Those of its form, in order. */
  form: [name: string, value: string][];
}

type Signed = Pick<HttpCarrierConfig, "preset" | "credentials">;

/** The field with the signature: a request without it is refused unread. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  twilio: ["x-twilio-signature"],
  telnyx: ["telnyx-signature-ed25519"],
  plivo: ["x-plivo-signature-v3", "x-plivo-signature-v2"],
};

/** @throws Rejected if it has no signature */
export function mustBeSigned({ preset }: Pick<Signed, "preset">, headers: IncomingHttpHeaders): void {
  const names = HEADERS[preset ?? ""];
  if (names !== undefined && !names.some((name) => typeof headers[name] === "string")) throw wrongSignature();
}

/**
 * Checks the provider's signature.
 * @throws Rejected if it is wrong
 */
export function mustBeProviders(carrier: Signed, request: SignedRequest): void {
  if (!isProviders(carrier, request)) throw wrongSignature();
}

function isProviders({ preset, credentials }: Signed, request: SignedRequest): boolean {
  switch (preset) {
    case "twilio":
      return byTwilio(request, credentials.authToken ?? "");
    case "vonage":
      return byVonage(request, credentials.signatureSecret ?? "", credentials.signatureMethod ?? "md5hash");
    case "telnyx":
      return byTelnyx(request, credentials.publicKey ?? "");
    case "plivo":
      return byPlivo(request, credentials.authToken ?? "");
    default:
      return false;
  }
}

/**
 * HMAC-SHA1 of the URL and the form's parameters, sorted, each once; the URL has the SHA-256 of a body that is no form.
 * (https://www.twilio.com/docs/usage/webhooks/webhooks-security)
 */
function byTwilio({ urls, headers, body, isJson, form }: SignedRequest, authToken: string): boolean {
  const given = String(headers["x-twilio-signature"]);
  const parameters = sorted([...new Set(form.map((pair) => pair.join("\n")))].map(pairOf));
  return urls.some((url) => {
    const sha256 = new URL(url).searchParams.get("bodySHA256");
    // Without its hash in the URL nothing of it is signed.
    if (sha256 === null && isJson) return false;
    if (sha256 !== null && !isSame(createHash("sha256").update(body).digest("hex"), sha256)) return false;
    const signed = sha256 === null ? parameters : "";
    return isSame(
      createHmac("sha1", authToken)
        .update(url + signed)
        .digest("base64"),
      given,
    );
  });
}

/**
 * Of the parameters except `sig`, sorted: a hash with the secret at the end, or an HMAC, by the account's setting.
 * (https://developer.vonage.com/en/getting-started/concepts/signing-messages)
 */
function byVonage({ parameters }: SignedRequest, secret: string, method: string): boolean {
  const all = parameters();
  // It signs scalars; lists and objects have no one form as text.
  if (all.some(([, value]) => typeof value === "object" && value !== null)) return false;
  const { sig, ...signed } = Object.fromEntries(all);
  if (sig === undefined || new Set(all.map(([name]) => name)).size < all.length) return false;
  const text = Object.keys(signed)
    .sort()
    .map((name) => `&${name}=${String(signed[name]).replace(/[&=]/g, "_")}`)
    .join("");
  const own = method === "md5hash" ? createHash("md5").update(text + secret) : createHmac(method, secret).update(text);
  return isSame(own.digest("hex"), String(sig).toLowerCase());
}

/** The longest that a request may have been under way, in seconds. */
const TOLERANCE_SECONDS = 300;

/**
 * Ed25519 of the timestamp, a bar and the body.
 * (https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks)
 */
function byTelnyx({ headers, body }: SignedRequest, publicKey: string): boolean {
  const timestamp = String(headers["telnyx-timestamp"] ?? "");
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const key = ed25519Key(publicKey);
  const signature = Buffer.from(String(headers["telnyx-signature-ed25519"]), "base64");
  return key !== null && verify(null, Buffer.concat([Buffer.from(`${timestamp}|`), body]), key, signature);
}

/** The 32 octets of a public key, in base64, as SubjectPublicKeyInfo (RFC 8410 §4); null if they are none. */
export function ed25519Key(text: string): KeyObject | null {
  const octets = Buffer.from(text, "base64");
  if (octets.length !== 32) return null;
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), octets]);
  return createPublicKey({ key: der, format: "der", type: "spki" });
}

/**
 * Version 3: HMAC-SHA256 of the URL, the parameters and a nonce, by any of the signatures; version 2 without the
 * parameters. (https://www.plivo.com/docs/messaging/concepts/signature-validation)
 */
function byPlivo({ method, urls, headers, isJson, form }: SignedRequest, authToken: string): boolean {
  // It signs forms alone.
  if (isJson) return false;
  const hmac = (text: string) => createHmac("sha256", authToken).update(text).digest("base64");
  const [third, nonce] = [headers["x-plivo-signature-v3"], String(headers["x-plivo-signature-v3-nonce"] ?? "")];
  if (typeof third === "string") {
    const given = third.split(",").map((one) => one.trim());
    const posted = method === "POST" ? sorted(form) : "";
    return urls.some((url) => {
      const { origin, pathname, searchParams } = new URL(url);
      const query = [...searchParams]
        .map(([name, value]) => `${name}=${value}`)
        .sort()
        .join("&");
      const mark = query !== "" || posted !== "" ? "?" : "";
      const dot = query !== "" && posted !== "" ? "." : "";
      const own = hmac(`${origin}${pathname}${mark}${query}${dot}${posted}.${nonce}`);
      return given.some((one) => isSame(own, one));
    });
  }
  const second = String(headers["x-plivo-signature-v2"]);
  const secondNonce = String(headers["x-plivo-signature-v2-nonce"] ?? "");
  return urls.some((url) => {
    const { origin, pathname } = new URL(url);
    return isSame(hmac(origin + pathname + secondNonce), second);
  });
}

/** Names and values joined without separators, by name and then by value. */
function sorted(pairs: readonly (readonly [string, string])[]): string {
  const before = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...pairs]
    .sort(([a, x], [b, y]) => before(a, b) || before(x, y))
    .map(([name, value]) => name + value)
    .join("");
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf("\n");
  return [text.slice(0, at), text.slice(at + 1)];
}

function wrongSignature(): Rejected {
  return new Rejected("wrong-signature", "The signature is not that of this carrier's provider.");
}

/** Compares in a time that does not reveal where they differ. */
export function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
