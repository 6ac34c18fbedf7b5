import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

/** A program's name at an OAuth 2.0 server, and the key that proves it. */
export interface ServiceAccount {
  clientEmail: string;
  privateKeyId: string | null;
  /** RSA. */
  privateKey: KeyObject;
  tokenUri: string;
}

/**
 * Reads a service account's key file, in the form of Google's console: JSON with `client_email`, `private_key` (PEM),
 * `private_key_id` and `token_uri`.
 * (https://developers.google.com/identity/protocols/oauth2/service-account)
 * @throws Error with the fault, which never quotes the file
 */
export function readServiceAccount(path: string): ServiceAccount {
  let file: Record<string, unknown>;
  try {
    file = Object(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(code === undefined ? `${path} is not JSON` : `${path} cannot be read (${code})`);
  }
  const text = (name: string): string => {
    const value = file[name];
    if (typeof value !== "string" || value === "") throw new Error(`${path} has no ${name}`);
    return value;
  };
  const tokenUri = text("token_uri");
  if (!isConfidential(tokenUri)) throw new Error(`the token_uri of ${path} is not an https URL`);
  return {
    clientEmail: text("client_email"),
    privateKeyId: typeof file.private_key_id === "string" ? file.private_key_id : null,
    privateKey: rsaKey(text("private_key"), path),
    tokenUri,
  };
}

/** Whether nobody on the way can read requests to a URL: https, or a host that is this machine. */
export function isConfidential(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname));
}

function rsaKey(pem: string, path: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // OpenSSL's message helps nobody.
  }
  if (key?.asymmetricKeyType !== "rsa") throw new Error(`the private_key of ${path} is not an RSA key in PEM`);
  return key;
}
