import type { Fleet } from "../carriers/create.ts";
import { SIMULATOR_RECEIPTS } from "../carriers/simulator/outcomes.ts";
import type { FilePrints } from "../config/changes.ts";
import type { Config } from "../config/config.ts";
import type { TwoWay } from "../inbound/two-way.ts";
import { addressPolicyOf } from "../network/policy.ts";
import { webhookExchanger } from "../notify/client/exchanger.ts";
import type { EndpointShares } from "../notify/fairness/shares.ts";
import type { Notifier } from "../notify/notifier.ts";
import type { Webhook } from "../notify/webhook.ts";
import { receiptProfiles } from "../receipt/profiles.ts";
import type { ReceiptProfile } from "../receipt/receiver.ts";
import { routesByChannel } from "../route/routes.ts";
import type { Sender } from "../send/sender.ts";
import type { CarrierNumbers, EngineOptions } from "./engine-options.ts";

/** Another configuration, with what the store knows of what it names. */
export interface Reloaded {
  config: Config;
  carrierNumbers: CarrierNumbers;
  /** Numbers of the routes' accounts by their identifiers. */
  accounts: ReadonlyMap<string, number>;
  files: FilePrints;
}

/** The parts of the engine whose settings may change while it runs. */
export interface Tunable {
  options: EngineOptions;
  fleet: Fleet;
  profiles: Map<string, ReceiptProfile>;
  carrierNumbers: CarrierNumbers;
  sender: Sender;
  notifier: Notifier;
  shares: EndpointShares<Webhook>;
  twoWay: TwoWay;
}

/** Has all of it go by another configuration; answers what ends and begins the binds that are not the same. */
export function retune(tunable: Tunable, { config, carrierNumbers, accounts, files }: Reloaded): () => Promise<void> {
  const { options, fleet, profiles, sender, notifier, shares, twoWay } = tunable;
  for (const [id, carrier] of carrierNumbers) tunable.carrierNumbers.set(id, carrier);
  // Those of carriers that are gone stay: their last receipts come while they are closed.
  for (const [id, profile] of receiptProfiles(config, SIMULATOR_RECEIPTS, tunable.carrierNumbers)) {
    profiles.set(id, profile);
  }
  const { inFlight, perEndpoint, retryDelays } = config.callbacks;
  twoWay.retune(config.senders);
  shares.retune({ inFlight, perEndpoint });
  const { log, metrics } = options;
  // Exchanges under way end as they began.
  void notifier.options.exchanger.close();
  notifier.options.exchanger = webhookExchanger({ log, metrics, config, policy: addressPolicyOf(config) });
  notifier.options.retryDelays = retryDelays;
  notifier.pump();
  const exchange = fleet.replace(config, carrierNumbers, files);
  sender.reroute({ routes: routesByChannel(config.routes, config.carriers, accounts), carriers: fleet.all });
  return exchange;
}
