import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

/** What a server shows over TLS: a certificate, with those of its chain behind it, and its private key, as PEM. */
export interface ServerTls {
  cert: string;
  key: string;
}

/** Which of the two files is at fault, and why; it never quotes them. */
export class TlsFileFault extends Error {
  override readonly name = "TlsFileFault";
  readonly at: keyof ServerTls;

  constructor(at: keyof ServerTls, message: string) {
    super(message);
    this.at = at;
  }
}

/**
 * Reads the two files, and sees that they belong together.
 * @throws TlsFileFault
 */
export function readServerTls(paths: ServerTls): ServerTls {
  const tls = { cert: read(paths, "cert"), key: read(paths, "key") };
  const certificate = made("cert", `${paths.cert} has no certificate in PEM`, () => new X509Certificate(tls.cert));
  const key = made("key", `${paths.key} has no private key in PEM, or one under a passphrase`, () =>
    createPrivateKey(tls.key),
  );
  if (!certificate.checkPrivateKey(key)) {
    throw new TlsFileFault("key", `${paths.key} is not the key of the certificate in ${paths.cert}`);
  }
  // What OpenSSL's level of security refuses, an RSA key of 1024 bits for one.
  made("cert", `${paths.cert} cannot be used for TLS`, () => createSecureContext(tls));
  return tls;
}

function read(paths: ServerTls, at: keyof ServerTls): string {
  try {
    return readFileSync(paths[at], "utf8");
  } catch (error) {
    throw new TlsFileFault(at, `${paths[at]} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function made<Made>(at: keyof ServerTls, message: string, make: () => Made): Made {
  try {
    return make();
  } catch {
    throw new TlsFileFault(at, message);
  }
}
