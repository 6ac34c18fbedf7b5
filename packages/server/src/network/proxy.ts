import type { Socket } from "node:net";
import { type AddressPolicy, addressPolicy } from "./address.ts";
import { type Connector, type ConnectorOptions, connector, dialGuarded } from "./connector.ts";
import { dialTcp } from "./dial.ts";
import { ConnectionFault } from "./fault.ts";
import { readConnectAnswer, receiversFault } from "./proxy-answer.ts";
import { systemResolve } from "./resolve.ts";
import { tlsStarter } from "./tls.ts";
import { hostAccepted, isLocalhost, literalAddress, withoutRootDot } from "./url.ts";

/** Longest head of an answer to CONNECT. */
const MAX_HEAD_BYTES = 16 * 1024;
const HEAD_END = "\r\n\r\n";
/** Time for a connection to the proxy itself, which is near; at most half of the whole time. */
const REACH_MS = 5_000;
/** Time for an answer that needs no other server. */
const ALIVE_MS = 2_000;

/** Hears the results of tunnels, and judges by them. */
export interface TunnelWatcher {
  /** The proxy has opened one to an origin. */
  served(origin: string): void;
  /** The proxy cannot be reached. @param detail for the operator's log */
  down(detail: string): void;
  /** It refused a tunnel without a reason. @returns whether that counts as its own fault, not the receiver's */
  refused(origin: string, detail: string): boolean;
}

/** Without a watcher, a fault that is not plainly the receiver's is the proxy's. */
const NOBODY: TunnelWatcher = { served: () => undefined, down: () => undefined, refused: () => true };

/**
 * Connections by way of the operator's HTTP proxy: a tunnel (CONNECT, RFC 9110 §9.3.6) for https, and the proxy itself for
 * http, whose requests then name their target in full. The proxy may be at any address, but with `network: "loopback"` only
 * at loopback. The proxy looks names up; see `permittedThroughProxy`.
 */
export function proxyConnector(proxy: URL, options: ConnectorOptions, watcher: TunnelWatcher = NOBODY): Connector {
  const { timeoutMs } = options;
  const secure = tlsStarter(options.tls);
  const authorization = proxyAuthorization(proxy);
  const reach = reacher(proxy, options);
  return connector(timeoutMs, async (target, signal) => {
    const socket = await reach(Math.min(REACH_MS, timeoutMs / 2), signal).catch((error: unknown) => {
      if (error instanceof ConnectionFault && error.fault === "proxy") watcher.down(error.message);
      throw error;
    });
    if (target.protocol !== "https:") return socket;
    const host = target.hostname.includes(":") ? `[${target.hostname}]` : target.hostname;
    const { origin } = new URL(`https://${host}:${target.port}`);
    const head = await openTunnel(socket, `${host}:${target.port}`, authorization, signal);
    if (head !== null) {
      socket.destroy();
      throw refusal(origin, head, watcher);
    }
    watcher.served(origin);
    return secure(socket, target, signal);
  });
}

/**
 * Asks whether the proxy answers at all, by a request without a Host: every server must answer it 400 by itself (RFC 9112
 * §3.2).
 */
export function proxyAsker(proxy: URL, options: ConnectorOptions): () => Promise<boolean> {
  const reach = reacher(proxy, options);
  return async () => {
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(new Error("no answer")), ALIVE_MS);
    try {
      const socket = await reach(ALIVE_MS, end.signal);
      return await new Promise<boolean>((resolve) => {
        const told = (alive: boolean): void => {
          resolve(alive);
          socket.destroy();
        };
        socket.once("data", () => told(true)).once("close", () => told(false));
        end.signal.addEventListener("abort", () => told(false), { once: true });
        socket.write("OPTIONS * HTTP/1.1\r\nConnection: close\r\n\r\n");
      });
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Connections to the proxy itself. */
function reacher(
  proxy: URL,
  { policy, lookup = systemResolve(), connect = dialTcp }: ConnectorOptions,
): (withinMs: number, signal: AbortSignal) => Promise<Socket> {
  const trusted = addressPolicy({ ...policy, allowPrivateAddresses: true });
  const dialling = { policy: trusted, resolve: lookup, dial: connect };
  const hostname = literalAddress(proxy.hostname) ?? proxy.hostname;
  const port = Number(proxy.port) || 80;
  return async (withinMs, signal) => {
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(new Error(`no connection within ${withinMs} ms`)), withinMs);
    const aborted = (): void => end.abort(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    try {
      return await dialGuarded(dialling, hostname, port, end.signal);
    } catch (error) {
      throw unreached(error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
    }
  };
}

/** A proxy that cannot be reached says nothing about the receiver, whose fault would be `connect` or `dns`. */
function unreached(error: unknown): unknown {
  if (error instanceof ConnectionFault && error.fault === "refused_address") return error;
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: "", message: `${error}` };
  return new ConnectionFault("proxy", `not reached: ${code ?? message}`, { cause: error });
}

/** @param head of the answer to CONNECT; empty if the proxy closed the connection instead */
function refusal(origin: string, head: string, watcher: TunnelWatcher): ConnectionFault {
  const answer = readConnectAnswer(head);
  const statusLine = head.slice(0, Math.max(0, head.indexOf("\r\n")));
  const detail = head === "" ? "closed before it answered CONNECT" : `CONNECT: ${statusLine}`;
  const fault = answer === null ? null : receiversFault(answer);
  if (fault !== null) {
    watcher.served(origin);
    return new ConnectionFault(fault, detail);
  }
  return new ConnectionFault(watcher.refused(origin, detail) ? "proxy" : "connect", detail);
}

/** Judges a target behind a proxy by the part that shows: a literal address, or the kind of name. */
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

/** @returns null once the tunnel is open; else the beginning of the answer that came instead */
function openTunnel(
  socket: Socket,
  authority: string,
  authorization: string | null,
  signal: AbortSignal,
): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const finish = (): void => {
      socket.off("data", read).off("close", closed);
      signal.removeEventListener("abort", aborted);
      socket.pause();
    };
    const aborted = (): void => {
      finish();
      socket.destroy();
      reject(signal.reason);
    };
    const closed = (): void => {
      finish();
      resolve(head.toString("latin1"));
    };
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(HEAD_END);
      if (end < 0 && head.length <= MAX_HEAD_BYTES) return;
      finish();
      const text = head.toString("latin1", 0, end < 0 ? MAX_HEAD_BYTES : end + 2);
      const opened = end >= 0 && /^2\d\d$/.test(String(readConnectAnswer(text)?.status));
      const rest = head.subarray(end + HEAD_END.length);
      if (opened && rest.length > 0) socket.unshift(rest);
      resolve(opened ? null : text);
    };
    signal.addEventListener("abort", aborted, { once: true });
    socket.on("data", read).once("close", closed);
    const credentials = authorization === null ? "" : `Proxy-Authorization: ${authorization}\r\n`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`);
  });
}
