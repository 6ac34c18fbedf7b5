import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ConnectionOptions, createSecureContext, type SecureContextOptions } from "node:tls";

/** A server's certificate, with those of its chain behind it, and its private key, as PEM. */
export interface ServerTls {
  cert: string;
  key: string;
}

/** The same, and the authorities whose client certificates are asked for; null where none are. */
export interface SmppTls extends ServerTls {
  ca: string | null;
}

/** How a carrier's TLS differs from the usual: paths of files in PEM; null where it does not. */
export interface CarrierTls {
  /** The name that its certificate is for, which is sent to it, too (RFC 6066 §3). */
  servername: string | null;
  /** Authorities that it is verified by, in place of Node.js' own. */
  ca: string | null;
  /** Our own certificate, with those of its chain behind it, and its key. */
  cert: string | null;
  key: string | null;
}

type TlsFile = "cert" | "key" | "ca";

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
  const tls = readKeyPair(paths);
  mustBeUsable(paths.cert, tls);
  return tls;
}

/** The same for the SMPP server. @throws TlsFileFault */
export function readSmppTls(paths: ServerTls & { ca?: string }): SmppTls {
  const tls = readServerTls(paths);
  return { ...tls, ca: paths.ca === undefined ? null : readAuthorities(paths.ca) };
}

/** The same for a connection to a carrier. @throws TlsFileFault */
export function readCarrierTls({ servername, ca, cert, key }: CarrierTls): ConnectionOptions {
  const options: ConnectionOptions = {};
  if (servername !== null) options.servername = servername;
  if (ca !== null) options.ca = readAuthorities(ca);
  if (cert === null && key === null) return options;
  if (cert === null) throw new TlsFileFault("cert", "is needed beside key");
  if (key === null) throw new TlsFileFault("key", "is needed beside cert");
  Object.assign(options, readKeyPair({ cert, key }));
  mustBeUsable(cert, options);
  return options;
}

function readKeyPair(paths: ServerTls): ServerTls {
  const tls = { cert: readFile("cert", paths.cert), key: readFile("key", paths.key) };
  const certificate = made("cert", `${paths.cert} has no certificate in PEM`, () => new X509Certificate(tls.cert));
  const why = `${paths.key} has no private key in PEM, or one under a passphrase`;
  const key = made("key", why, () => createPrivateKey(tls.key));
  if (!certificate.checkPrivateKey(key))
    throw new TlsFileFault("key", `${paths.key} is not the key of the certificate in ${paths.cert}`);
  return tls;
}

function readAuthorities(path: string): string {
  const ca = readFile("ca", path);
  made("ca", `${path} has no certificate in PEM`, () => new X509Certificate(ca));
  return ca;
}

/** OpenSSL's level of security refuses an RSA key of 1024 bits, for one. */
function mustBeUsable(certificate: string, tls: SecureContextOptions): void {
  made("cert", `${certificate} cannot be used for TLS`, () => createSecureContext(tls));
}

function readFile(at: TlsFile, path: string): string {
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
