import type { Socket } from "node:net";
import { addressPolicy } from "./address.ts";
import { dialGuarded } from "./connector.ts";
import { dialTcp } from "./dial.ts";

const LOOPBACK = addressPolicy({
  allowPrivateAddresses: false,
  allowLoopback: true,
  onlyLoopback: true,
  allowNetworks: [],
});

/**
 * The operator's own connections (to carriers) in a program that is confined to loopback: other addresses are refused, and
 * no name is looked up. The rules for customers' callbacks do not apply to them.
 */
export function loopbackConnector(): (host: string, port: number) => Promise<Socket> {
  return (host, port) => {
    const resolve = () => Promise.reject(new Error(`${host} is not looked up: network is "loopback"`));
    return dialGuarded({ policy: LOOPBACK, resolve, dial: dialTcp }, host, port, new AbortController().signal);
  };
}
