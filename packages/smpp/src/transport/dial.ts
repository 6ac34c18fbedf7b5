import * as net from "node:net";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";
import type { Clock } from "./clock.ts";

/**
 * Opens the connection below SMPP (and below TLS). It may answer with a socket that is still connecting. Give one to
 * decide which addresses may be dialled; the default looks the name up and connects.
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

/** A connection that is ready to carry SMPP. Rejects, with nothing left open, on failure, timeout or `signal`. */
export async function dial(options: DialOptions, signal: AbortSignal): Promise<Duplex> {
  const { clock, connectTimeoutMs, host, port } = options;
  const timeout = new AbortController();
  const timer = clock.setTimeout(
    () => timeout.abort(new Error(`no connection to ${host}:${port} within ${connectTimeoutMs} ms`)),
    connectTimeoutMs,
  );
  const stop = AbortSignal.any([signal, timeout.signal]);
  try {
    const socket = await connected(options.connect(host, port), stop);
    if (options.tls === false) return socket;
    const secure = tls.connect({ ...nameToVerify(host), ...options.tls, socket });
    return await ready(secure, "secureConnect", stop);
  } finally {
    clock.clearTimeout(timer);
  }
}

/** Names are sent and verified; an address literal is verified, but has no place in SNI (RFC 6066 §3). */
function nameToVerify(host: string): tls.ConnectionOptions {
  return net.isIP(host) === 0 ? { host, servername: host } : { host };
}

async function connected(opening: Duplex | Promise<Duplex>, stop: AbortSignal): Promise<Duplex> {
  const socket = await settledOrStopped(opening, stop);
  if (socket instanceof net.Socket && socket.connecting) return ready(socket, "connect", stop);
  return socket;
}

/** A connector that answers after we stopped waiting has its socket destroyed. */
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
    if (stop.aborted) return stopped();
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
        // A socket may report a second error; nobody is interested any more.
        socket.on("error", () => {});
        socket.destroy();
        reject(error);
      });
    const closed = () => failed(new Error(`the connection was closed before it was ready (${event})`));
    const stopped = () => failed(stop.reason as Error);
    if (stop.aborted) return stopped();
    socket.on(event, isReady).on("error", failed).on("close", closed);
    stop.addEventListener("abort", stopped, { once: true });
  });
}
