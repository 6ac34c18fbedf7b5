import { randomBytes } from "node:crypto";

/** The beginning of a secret's text, by the Standard Webhooks specification ("Signature scheme"); base64 follows. */
const PREFIX = "whsec_";
/** The specification has 24 to 64. */
const KEY_BYTES = 32;

/** A new signing key. */
export function newSecretKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/** A key as its account gets it: `whsec_…`. */
export function secretText(key: Uint8Array): string {
  return PREFIX + Buffer.from(key).toString("base64");
}

/** The key in a secret's text. */
export function secretKey(text: string): Buffer {
  return Buffer.from(text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text, "base64");
}
