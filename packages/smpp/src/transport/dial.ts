import * as net from "node:net";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";
import type { Clock } from "./clock.ts";

/**
 * Opens the connection below SMPP (and below TLS). Pass one to decide which addresses may be dialled; the default looks the
 * name up and connects. It may return a socket that is still connecting. If it returns one late, after callbacks of its own,
 * the socket must be connected, because an error before then would find no listener.
 */
export type Connector = (host: string, port: number) => Duplex | Promise<Duplex>;

export interface DialOptions {
  host: string;
  port: number;
  /** false: plain TCP. Else TLS with the certificate verified, unless these options say otherwise. */
  tls: false | tls.ConnectionOptions;
  connect: Connector;
  connectTimeoutMs: number;
  clock: Clock;
}

export const dialTcp: Connector = (host, port) => net.connect({ host, port, noDelay: true });

/**
 * A connection that is ready to carry SMPP. On failure, when `attempt` is aborted, and after `connectTimeoutMs`, when it
 * aborts `attempt` itself, it rejects and leaves nothing open.
 */
export async function dial(options: DialOptions, attempt: AbortController): Promise<Duplex> {
  const { clock, connectTimeoutMs, host, port } = options;
  const { signal } = attempt;
  const timer = clock.setTimeout(
    () => attempt.abort(new Error(`no connection to ${host}:${port} within ${connectTimeoutMs} ms`)),
    connectTimeoutMs,
  );
  try {
    // Work that the connector begins in a microtask fails after this one's end, when our listeners are there.
    await Promise.resolve();
    const socket = await connected(options.connect(host, port), signal);
    if (options.tls === false) return socket;
    const secure = tls.connect({ ...nameToVerify(host), ...options.tls, socket });
    return await ready(secure, "secureConnect", signal);
  } finally {
    clock.clearTimeout(timer);
  }
}

/** Names are sent in SNI and verified; an address literal is verified only, since SNI excludes it (RFC 6066 §3). */
function nameToVerify(host: string): tls.ConnectionOptions {
  return net.isIP(host) === 0 ? { host, servername: host } : { host };
}

async function connected(opening: Duplex | Promise<Duplex>, stop: AbortSignal): Promise<Duplex> {
  const socket = await settledOrStopped(opening, stop);
  const isReady = !socket.destroyed && !(socket instanceof net.Socket && socket.connecting);
  return isReady ? socket : ready(socket, "connect", stop);
}

/** Destroys the socket of a connector that returns it after we stopped waiting. */
function settledOrStopped(opening: Duplex | Promise<Duplex>, stop: AbortSignal): Promise<Duplex> | Duplex {
  if (!(opening instanceof Promise)) return opening;
  return new Promise((resolve, reject) => {
    const stopped = () => {
      reject(stop.reason);
      opening.then(
        (socket) => socket.destroy(),
        () => {},
      );
    };
    if (stop.aborted) stopped();
    stop.addEventListener("abort", stopped, { once: true });
    opening.then(resolve, reject).finally(() => stop.removeEventListener("abort", stopped));
  });
}

function ready(socket: Duplex, event: "connect" | "secureConnect", stop: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      socket.off(event, isReady).off("error", failed).off("close", closed);
      stop.removeEventListener("abort", stopped);
      settle();
    };
    const isReady = () => done(() => resolve(socket));
    const failed = (error: Error) =>
      done(() => {
        // A socket may report a second error, which nobody needs.
        socket.on("error", () => {});
        socket.destroy();
        // If several addresses failed, the first error says enough; the aggregate has no message.
        reject(error instanceof AggregateError ? error.errors[0] : error);
      });
    const closed = () =>
      failed(socket.errored ?? new Error(`the connection was closed before it was ready (${event})`));
    const stopped = () => failed(stop.reason as Error);
    socket.on(event, isReady).on("error", failed).on("close", closed);
    stop.addEventListener("abort", stopped, { once: true });
    if (stop.aborted) stopped();
    else if (socket.destroyed) closed();
  });
}
