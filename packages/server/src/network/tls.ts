import { isIP, type Socket } from "node:net";
import {
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
  connect as tlsConnect,
} from "node:tls";
import { asFault } from "./fault.ts";
import { withoutRootDot } from "./url.ts";

/** Most hosts whose last session is kept; a few KiB each. */
const SESSIONS = 1_000;
/**
 * How long a session is used. Resuming it does not verify again: neither a certificate that has expired since, nor an
 * authority that is no longer trusted.
 */
const SESSION_MS = 3_600_000;

/** TLS over an open connection, with the certificate verified for the host. Sessions are resumed (RFC 8446 §2.2). */
export function tlsStarter(
  options: SecureContextOptions = {},
): (socket: Socket, target: { hostname: string; port: number }, signal: AbortSignal) => Promise<TLSSocket> {
  // One context for all connections, made for the first: reading the trusted authorities takes 35 ms.
  let secureContext: SecureContext | undefined;
  const sessions = new Sessions();
  return (socket, { hostname, port }, signal) =>
    new Promise((resolve, reject) => {
      secureContext ??= createSecureContext(options);
      const host = withoutRootDot(hostname);
      const key = `${host}:${port}`;
      const session = sessions.get(key);
      const secure = tlsConnect({
        socket,
        host,
        servername: isIP(host) === 0 ? host : "", // RFC 6066 §3: no address in SNI
        secureContext,
        ALPNProtocols: ["http/1.1"],
        rejectUnauthorized: true,
        ...(session === undefined ? {} : { session }),
      });
      const abort = (): void => {
        secure.destroy();
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      // Emitted only after the certificate was verified, for this very host.
      secure.on("session", (latest: Buffer) => sessions.set(key, latest, secure.isSessionReused()));
      secure.once("secureConnect", () => {
        signal.removeEventListener("abort", abort);
        resolve(secure);
      });
      secure.on("error", (error) => {
        signal.removeEventListener("abort", abort);
        // If the host cannot take the session, the next connection begins without.
        if (session !== undefined && !secure.authorized) sessions.delete(key);
        reject(asFault("tls", error));
      });
    });
}

/** The last session of each host, until it is too old, the longest unused first. */
class Sessions {
  readonly #sessions = new Map<string, { session: Buffer; until: number }>();

  get(key: string): Buffer | undefined {
    const kept = this.#sessions.get(key);
    if (kept === undefined) return undefined;
    this.#sessions.delete(key);
    if (kept.until <= performance.now()) return undefined;
    this.#sessions.set(key, kept);
    return kept.session;
  }

  /** @param resumed whether it continues the one before, and so ends with it */
  set(key: string, session: Buffer, resumed: boolean): void {
    const until = resumed ? this.#sessions.get(key)?.until : performance.now() + SESSION_MS;
    if (until === undefined) return;
    this.#sessions.delete(key);
    this.#sessions.set(key, { session, until });
    if (this.#sessions.size > SESSIONS) this.delete(this.#sessions.keys().next().value!);
  }

  delete(key: string): void {
    this.#sessions.delete(key);
  }
}
