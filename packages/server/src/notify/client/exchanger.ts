import type { Config } from "../../config/config.ts";
import type { AddressPolicy } from "../../network/address.ts";
import { createExchanger, type Exchanger } from "./exchange.ts";

/** What posts webhooks, as it is configured. */
export function webhookExchanger({ callbacks }: Config, policy: AddressPolicy): Exchanger {
  return createExchanger({
    policy,
    timeoutMs: callbacks.timeout * 1_000,
    // Accounts that call back to one origin share its connections; what waits for one waits within its deadline.
    connections: callbacks.inFlight,
    ...(callbacks.proxy === null ? {} : { proxy: new URL(callbacks.proxy) }),
  });
}
