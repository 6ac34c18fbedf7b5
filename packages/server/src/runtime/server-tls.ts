import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

/** A server's certificate, with those of its chain behind it, and its private key, as PEM. */
export interface ServerTls {
  cert: string;
  key: string;
}

/** The same, and the authorities whose client certificates are asked for; null where none are. */
export interface SmppTls extends ServerTls {
  ca: string | null;
}

type TlsFile = keyof SmppTls;

/** Which of the files is at fault, and why; it never quotes them. */
export class TlsFileFault extends Error {
  override readonly name = "TlsFileFault";
  readonly at: TlsFile;

  constructor(at: TlsFile, message: string) {
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
  // OpenSSL's level of security refuses an RSA key of 1024 bits, for one.
  made("cert", `${paths.cert} cannot be used for TLS`, () => createSecureContext(tls));
  return tls;
}

/** The same for the SMPP server. @throws TlsFileFault */
export function readSmppTls(paths: ServerTls & { ca?: string }): SmppTls {
  const tls = readServerTls(paths);
  if (paths.ca === undefined) return { ...tls, ca: null };
  const ca = readFile(paths.ca, "ca");
  made("ca", `${paths.ca} has no certificate in PEM`, () => new X509Certificate(ca));
  return { ...tls, ca };
}

function read(paths: ServerTls, at: keyof ServerTls): string {
  return readFile(paths[at], at);
}

function readFile(path: string, at: TlsFile): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new TlsFileFault(at, `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function made<Made>(at: TlsFile, message: string, make: () => Made): Made {
  try {
    return make();
  } catch {
    throw new TlsFileFault(at, message);
  }
}
