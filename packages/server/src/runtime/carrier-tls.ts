import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ConnectionOptions, createSecureContext } from "node:tls";

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

/** Which key is at fault, and why; it never quotes a file. */
export class CarrierTlsFault extends Error {
  override readonly name = "CarrierTlsFault";
  readonly at: keyof CarrierTls;

  constructor(at: keyof CarrierTls, message: string) {
    super(message);
    this.at = at;
  }
}

/**
 * Reads the files, and sees that certificate and key belong together.
 * @throws CarrierTlsFault
 */
export function readCarrierTls({ servername, ca, cert, key }: CarrierTls): ConnectionOptions {
  const options: ConnectionOptions = {};
  if (servername !== null) options.servername = servername;
  if (ca !== null) {
    options.ca = read("ca", ca);
    made("ca", `${ca} has no certificate in PEM`, () => new X509Certificate(options.ca as string));
  }
  if (cert === null && key === null) return options;
  if (cert === null) throw new CarrierTlsFault("cert", "is needed beside key");
  if (key === null) throw new CarrierTlsFault("key", "is needed beside cert");
  options.cert = read("cert", cert);
  options.key = read("key", key);
  const certificate = made(
    "cert",
    `${cert} has no certificate in PEM`,
    () => new X509Certificate(options.cert as string),
  );
  const why = `${key} has no private key in PEM, or one under a passphrase`;
  const privateKey = made("key", why, () => createPrivateKey(options.key as string));
  if (!certificate.checkPrivateKey(privateKey))
    throw new CarrierTlsFault("key", `${key} is not the key of the certificate in ${cert}`);
  made("cert", `${cert} cannot be used for TLS`, () => createSecureContext(options));
  return options;
}

function read(at: keyof CarrierTls, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CarrierTlsFault(at, `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function made<Made>(at: keyof CarrierTls, message: string, make: () => Made): Made {
  try {
    return make();
  } catch {
    throw new CarrierTlsFault(at, message);
  }
}
