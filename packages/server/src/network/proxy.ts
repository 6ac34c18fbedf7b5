import type { Socket } from "node:net";
import { type AddressPolicy, addressPolicy } from "./address.ts";
import { type Connector, type ConnectorOptions, connector, dialGuarded, tlsStarter } from "./connector.ts";
import { dialTcp } from "./dial.ts";
import { ConnectionFault } from "./fault.ts";
import { systemResolve } from "./resolve.ts";
import { hostAccepted, isLocalhost, literalAddress, withoutRootDot } from "./url.ts";

/** The head of an answer to CONNECT. */
const MAX_HEAD_BYTES = 16 * 1024;
const HEAD_END = "\r\n\r\n";

/**
 * Connections by way of the operator's HTTP proxy: a tunnel (CONNECT, RFC 9110 §9.3.6) for https, and the proxy itself
 * for http, whose requests then name their target in full. The proxy may be at any address, but with
 * `network: "loopback"` it must be at loopback. It is the proxy that looks names up; see `permittedThroughProxy`.
 */
export function proxyConnector(
  proxy: URL,
  { policy, timeoutMs, lookup = systemResolve(), connect = dialTcp, tls }: ConnectorOptions,
): Connector {
  const trusted = addressPolicy({ ...policy, allowPrivateAddresses: true });
  const secure = tlsStarter(tls);
  const authorization = proxyAuthorization(proxy);
  const hostname = literalAddress(proxy.hostname) ?? proxy.hostname;
  const proxyPort = Number(proxy.port) || 80;
  return connector(timeoutMs, async (target, signal) => {
    const dialling = { policy: trusted, resolve: lookup, dial: connect };
    const socket = await dialGuarded(dialling, hostname, proxyPort, signal).catch(unreached);
    if (target.protocol !== "https:") return socket;
    const host = target.hostname.includes(":") ? `[${target.hostname}]` : target.hostname;
    await openTunnel(socket, `${host}:${target.port}`, authorization, signal);
    return secure(socket, target.hostname, signal);
  });
}

/** A proxy that cannot be reached says nothing about the receiver, whose fault `connect` or `dns` would be. */
function unreached(error: unknown): never {
  if (error instanceof ConnectionFault && error.fault === "refused_address") throw error;
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: "", message: `${error}` };
  throw new ConnectionFault("proxy", `not reached: ${code ?? message}`, { cause: error });
}

/** What the guard can see of a target behind a proxy: a literal address, or the kind of name. */
export function permittedThroughProxy(hostname: string, policy: AddressPolicy): boolean {
  const ip = literalAddress(hostname);
  if (ip !== null) return policy.permits(ip);
  if (policy.onlyLoopback && !isLocalhost(withoutRootDot(hostname))) return false;
  return hostAccepted(hostname, policy);
}

/** The credentials in a proxy's URL (RFC 7617), or null. */
export function proxyAuthorization(proxy: URL): string | null {
  if (proxy.username === "") return null;
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

function openTunnel(
  socket: Socket,
  authority: string,
  authorization: string | null,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const finish = (fault: unknown): void => {
      socket.off("data", read).off("close", closed);
      signal.removeEventListener("abort", aborted);
      socket.pause();
      if (fault === null) {
        resolve();
      } else {
        socket.destroy();
        reject(fault);
      }
    };
    const refused = (detail: string): void => finish(new ConnectionFault("proxy", detail));
    const aborted = (): void => finish(signal.reason);
    const closed = (): void => refused("closed before it answered CONNECT");
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(HEAD_END);
      const statusLine = head.toString("latin1", 0, Math.max(0, head.indexOf("\r\n")));
      if (end >= 0 && /^HTTP\/1\.[01] 2\d\d( |$)/.test(statusLine)) {
        const rest = head.subarray(end + HEAD_END.length);
        if (rest.length > 0) socket.unshift(rest);
        finish(null);
      } else if (end >= 0 || head.length > MAX_HEAD_BYTES) {
        refused(`CONNECT: ${statusLine}`);
      }
    };
    signal.addEventListener("abort", aborted, { once: true });
    socket.on("data", read).once("close", closed);
    const credentials = authorization === null ? "" : `Proxy-Authorization: ${authorization}\r\n`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`);
  });
}
