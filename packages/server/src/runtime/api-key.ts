import { hash, randomBytes } from "node:crypto";

/** The form of a key: 128 random bits. */
export const KEY = /^[0-9a-f]{32}$/;

export function newKey(): string {
  return randomBytes(16).toString("hex");
}

/** SHA-256 of a key, the only form that is kept. 128 random bits need no slow hash. */
export function hashKey(key: string): Buffer {
  return hash("sha256", key, "buffer");
}

/** A key in the forms for look-ups: its hash, and a name made of that. */
export interface HashedKey {
  hash: Buffer;
  name: string;
}

export function hashedKey(key: string): HashedKey {
  const hash = hashKey(key);
  return { hash, name: hash.toString("base64") };
}
