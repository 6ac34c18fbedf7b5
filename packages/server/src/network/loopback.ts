import type { Socket } from "node:net";
import type { AddressPolicy } from "./address.ts";
import { dialGuarded } from "./connector.ts";
import { dialTcp } from "./dial.ts";

/** Connections for a program that is confined to loopback: other addresses are refused, and no name is looked up. */
export function loopbackConnector(policy: AddressPolicy): (host: string, port: number) => Promise<Socket> {
  return (host, port) => {
    const resolve = () => Promise.reject(new Error(`${host} is not looked up: network is "loopback"`));
    return dialGuarded({ policy, resolve, dial: dialTcp }, host, port, new AbortController().signal);
  };
}
