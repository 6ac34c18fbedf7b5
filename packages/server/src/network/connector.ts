import { isIP, type Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";
import type { AddressPolicy } from "./address.ts";
import { type Dial, dialFirst, dialTcp } from "./dial.ts";
import { asFault, ConnectionFault } from "./fault.ts";
import { dnsResolve, type Resolve, systemResolve } from "./resolve.ts";
import { tlsStarter } from "./tls.ts";
import { isLocalhost, withoutRootDot } from "./url.ts";

/** Makes a connection for an HTTP client (undici's too); its errors are `ConnectionFault`s. */
export type Connector = (
  target: { hostname: string; protocol: string; port: string },
  callback: (...result: [null, Socket] | [Error, null]) => void,
) => void;

export interface ConnectorOptions {
  policy: AddressPolicy;
  /** For the look-up, the connection and TLS together. */
  timeoutMs: number;
  lookup?: Resolve;
  connect?: Dial;
  /** Trust beyond the system's, minimum version and the like. Certificates are always verified. */
  tls?: SecureContextOptions;
}

/**
 * Connections to hosts that others name, only to addresses that the policy permits. Three things are checked: a literal
 * address, every address of a name (one forbidden address condemns the name: there is no honest reason for such a mix), and
 * the address at which the connection ended up. The dialled address is the very one that was checked, so an answer that
 * changes between the two changes nothing.
 */
export function guardedConnector({ policy, timeoutMs, lookup, connect = dialTcp, tls }: ConnectorOptions): Connector {
  const resolve = lookup ?? (policy.allowPrivateAddresses ? systemResolve() : dnsResolve(timeoutMs));
  const secure = tlsStarter(tls);
  return connector(timeoutMs, async (target, signal) => {
    const socket = await dialGuarded({ policy, resolve, dial: connect }, target.hostname, target.port, signal);
    return target.protocol === "https:" ? secure(socket, target, signal) : socket;
  });
}

export interface Target {
  /** Without the brackets of IPv6. */
  hostname: string;
  port: number;
  protocol: string;
}

/** A connector of promises, with one time limit over all of its work. */
export function connector(
  timeoutMs: number,
  open: (target: Target, signal: AbortSignal) => Promise<Socket>,
): Connector {
  return ({ hostname, port, protocol }, callback) => {
    const deadline = new AbortController();
    const fault = (): ConnectionFault => new ConnectionFault("timeout", `no connection within ${timeoutMs} ms`);
    const timer = setTimeout(() => deadline.abort(fault()), timeoutMs);
    const target = { hostname, port: Number(port) || (protocol === "https:" ? 443 : 80), protocol };
    open(target, deadline.signal)
      .finally(() => clearTimeout(timer))
      .then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(asFault("connect", error), null),
      );
  };
}

export interface Dialling {
  policy: AddressPolicy;
  resolve: Resolve;
  dial: Dial;
}

/** A TCP connection to a host, or a ConnectionFault. */
export async function dialGuarded(
  { policy, resolve, dial }: Dialling,
  hostname: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const addresses = await addressesOf(hostname, policy, resolve, signal);
  const forbidden = addresses.find((address) => !policy.permits(address));
  if (forbidden !== undefined) throw new ConnectionFault("refused_address", `${hostname} has the address ${forbidden}`);
  const socket = await dialFirst(addresses, port, dial, signal);
  if (socket.remoteAddress !== undefined && policy.permits(socket.remoteAddress)) return socket;
  socket.destroy();
  // A connection that is already gone has no remote address; it counts as a reset.
  if (socket.remoteAddress === undefined) throw new ConnectionFault("reset", `${hostname} closed the connection`);
  throw new ConnectionFault("refused_address", `${hostname} connected to ${socket.remoteAddress}`);
}

async function addressesOf(
  hostname: string,
  policy: AddressPolicy,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (isIP(hostname) !== 0) return [hostname];
  const name = withoutRootDot(hostname);
  if (isLocalhost(name)) return ["127.0.0.1", "::1"];
  if (policy.onlyLoopback) throw new ConnectionFault("refused_address", `${hostname} is not looked up`);
  try {
    const addresses = await unlessAborted(resolve(hostname), signal);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    throw asFault("dns", error);
  }
  throw new ConnectionFault("dns", `${hostname} has no address`);
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
