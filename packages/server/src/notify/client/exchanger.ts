import type { Config } from "../../config/config.ts";
import type { AddressPolicy } from "../../network/address.ts";
import { LastingFault } from "../../runtime/lasting-fault.ts";
import type { Logger } from "../../runtime/log.ts";
import type { EngineMetrics } from "../../runtime/metrics.ts";
import { createExchanger, type Exchanger } from "./exchange.ts";

export interface WebhookExchangerOptions {
  config: Config;
  policy: AddressPolicy;
  log: Logger;
  metrics: EngineMetrics;
}

/** The client that posts webhooks, as configured. */
export function webhookExchanger({ config, policy, log, metrics }: WebhookExchangerOptions): Exchanger {
  const { callbacks } = config;
  const proxyFault = new LastingFault({ log, what: "the proxy in callbacks.proxy fails; webhooks wait" });
  return createExchanger({
    policy,
    timeoutMs: callbacks.timeout * 1_000,
    // Accounts that call back to one origin share its connections; an exchange waits for one within its deadline.
    connections: callbacks.inFlight,
    ...(callbacks.proxy === null ? {} : { proxy: new URL(callbacks.proxy) }),
    onProxy: {
      fault: (detail) => {
        metrics.proxyFault();
        proxyFault.happened({ detail });
      },
      serving: () => proxyFault.over(),
    },
  });
}
