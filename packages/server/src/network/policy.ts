import type { Config } from "../config/config.ts";
import { type AddressPolicy, addressPolicy } from "./address.ts";

const LOOPBACK_HOSTS = new Set(["127.0.0.1", "::1", "localhost"]);

/**
 * The addresses that may be dialled for a customer. `"auto"` allows loopback alone, and only while every carrier is the
 * simulator and the server itself listens on loopback: the first try on a fresh machine works, and production is closed.
 */
export function addressPolicyOf(config: Config): AddressPolicy {
  const { allowPrivateAddresses, allowNetworks } = config.callbacks;
  const trial = config.carriers.every(({ type }) => type === "simulator") && LOOPBACK_HOSTS.has(config.server.host);
  return addressPolicy({
    allowPrivateAddresses: allowPrivateAddresses === true,
    allowLoopback: allowPrivateAddresses === "auto" && trial,
    onlyLoopback: config.network === "loopback",
    allowNetworks,
  });
}

/** The addresses that the operator's own configuration may name: any, unless the program is confined. */
export function operatorPolicyOf({ network }: Pick<Config, "network">): AddressPolicy {
  const onlyLoopback = network === "loopback";
  return addressPolicy({ allowPrivateAddresses: true, allowLoopback: true, onlyLoopback, allowNetworks: [] });
}
